import { type Command, Option } from "commander";
import { type OpenTitan, withTitan } from "../database/with-titan.js";
import { wholeNumber } from "../program/arguments.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { requireLoopback, startHealthServer } from "../service/health-server.js";
import { createReadiness } from "../service/readiness.js";
import { jsonOutput, textOutput } from "../service/service-output.js";
import { type Service, startService } from "../service/start-service.js";
import { addConcurrency, defaultConcurrency, type WorkerFlags, workerHelp } from "./worker.js";

interface ServeFlags extends WorkerFlags {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly worker: boolean;
  readonly scheduler: boolean;
}

export function registerServe(program: Command, perform: Perform): void {
  addConcurrency(
    program
      .command("serve")
      .description("everything in one process: server, scheduler and worker, until it is stopped")
      .option("--host <address>", "a loopback address to listen on (default: 127.0.0.1)")
      .addOption(
        new Option("--port <n>", "0 takes a free one (default: 8080)").argParser(wholeNumber(0, 65_535)),
      )
      .option("--no-worker", "run no syncs here: workers are processes of their own")
      .option("--no-scheduler", "start no scheduled syncs here: workers do it"),
  )
    .option("--json", "print one JSON document per line")
    .addHelpText("after", serveHelp)
    .action((flags: ServeFlags) =>
      perform((context, globals) => runServe(context, globals, flags), { isService: true }),
    );
}

const serveHelp = `
The server answers /health/live while the process runs, and /health/ready with status 200 or with what is missing.
${workerHelp}`;

export async function runServe(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ServeFlags,
): Promise<ExitCode> {
  const { concurrency = defaultConcurrency() } = flags;
  return withTitan(
    context,
    globals,
    async (open) => {
      const { host = open.settings.host, port = open.settings.port } = flags;
      requireLoopback(host);
      const queue = await open.database.openJobQueue();
      let service: Service | null = null;
      const findMissing = createReadiness({
        database: open.database,
        storage: open.database.storage(),
        schedules: flags.scheduler,
        service: () => service,
        signal: open.signal,
        logger: open.logger,
      });
      const server = await startHealthServer({ host, port, findMissing });
      try {
        const { json, scheduler: schedules, worker: works } = flags;
        const output = json === true ? jsonOutput(context.stdout) : textOutput(context.stdout, open.signal);
        output.ready({ event: "listening", url: server.url }, describeServer(server.url, flags, open));
        service = startService(open, { schedules, works, concurrency, queue, output });
        await service.untilStopped(open.signal);
        return exitCodes.success;
      } finally {
        await server.close();
      }
    },
    { isService: true, writes: true, concurrency: flags.worker ? concurrency : undefined },
  );
}

function describeServer(
  url: string,
  { worker, scheduler }: ServeFlags,
  { databaseName }: Pick<OpenTitan, "databaseName">,
): string {
  const without = [...(worker ? [] : ["worker"]), ...(scheduler ? [] : ["scheduler"])].join(" and ");
  const parts = without === "" ? "" : `, without ${without}`;
  return `Listening on ${url}${parts}. Database: ${databaseName}. Stop with Ctrl+C.`;
}
