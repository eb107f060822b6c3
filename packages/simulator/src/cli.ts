import { Command, CommanderError, InvalidArgumentError } from "commander";
import { startSimulatorServer } from "./server.js";
import { createSimulator } from "./simulator.js";

/** Where the program writes. */
export interface CliStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

interface Flags {
  readonly port: number;
  readonly seed: number;
  readonly customers: number;
  readonly invoices: number;
  readonly exportPageSize: number;
  readonly latency: number;
  readonly rateLimit: number;
}

/**
 * Runs `titan-sync-simulator` until the signal is aborted.
 *
 * @param args - Without the program's name.
 * @returns the exit code: 0, 2 for wrong flags, 1 when it cannot serve.
 */
export async function runCli(
  args: readonly string[],
  streams: CliStreams,
  signal: AbortSignal,
): Promise<number> {
  const command = createCommand(streams);
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    await serve(command.opts<Flags>(), streams, signal);
    return 0;
  } catch (error) {
    streams.error(`titan-sync-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function serve(flags: Flags, { out }: CliStreams, signal: AbortSignal): Promise<void> {
  const { port, seed, customers, invoices, exportPageSize, latency, rateLimit } = flags;
  const simulator = createSimulator({
    seed,
    tenants: [{ customers, invoices }],
    exportPageSize,
    latencyMs: latency,
    rateLimitPerSecond: rateLimit === 0 ? null : rateLimit,
  });
  const server = await startSimulatorServer(simulator, { port });
  out(`url            ${server.url}\n`);
  for (const { tenantId, clientId, clientSecret, appKey } of simulator.tenants) {
    out(`tenant id      ${tenantId}\n`);
    out(`client id      ${clientId}\n`);
    out(`client secret  ${clientSecret}\n`);
    out(`app key        ${appKey}\n`);
  }
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  await server.close();
}

function createCommand({ out, error }: CliStreams): Command {
  return new Command("titan-sync-simulator")
    .description("Serves an offline ServiceTitan on this machine until it is interrupted.")
    .option("--port <number>", "port on 127.0.0.1; 0 takes a free one", wholeNumber, 0)
    .option("--seed <number>", "the same seed gives the same data", wholeNumber, 1)
    .option("--customers <count>", "number of simulated customers", wholeNumber, 10_000)
    .option("--invoices <count>", "number of simulated invoices", wholeNumber, 25_000)
    .option("--export-page-size <rows>", "rows in a page of an export", wholeNumber, 1000)
    .option("--latency <ms>", "wait before every answer", wholeNumber, 0)
    .option("--rate-limit <requests>", "requests per second; 0 for no limit", wholeNumber, 60)
    .configureOutput({ writeOut: out, writeErr: error })
    .exitOverride();
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
