import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { wholeNumber } from "../program/arguments.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { jsonOutput, textOutput } from "../service/service-output.js";
import { startService } from "../service/start-service.js";

export interface WorkerFlags {
  readonly concurrency?: number | undefined;
  readonly json?: boolean | undefined;
}

export function registerWorker(program: Command, perform: Perform): void {
  addConcurrency(program.command("worker"))
    .description("start scheduled syncs when they are due, and run syncs that wait, until it is stopped")
    .option("--json", "print one JSON document per line")
    .addHelpText("after", workerHelp)
    .action((flags: WorkerFlags) =>
      perform((context, globals) => runWorker(context, globals, flags), { isService: true }),
    );
}

/** Syncs at once, unless somebody says how many. */
export function defaultConcurrency(): number {
  return Math.min(16, 2 * availableParallelism());
}

/** Adds `--concurrency`, which everything with a worker has. */
export function addConcurrency(command: Command): Command {
  return command.addOption(
    new Option(
      "--concurrency <n>",
      "syncs at once; from 2 on, one slot is kept for syncs that people start (default: two for each core, at most 16)",
    ).argParser(wholeNumber(1, 1000)),
  );
}

/** What any program with a worker does. */
export const workerHelp = `
Any number of workers may run on one database, and each of them also looks for scheduled syncs that are due: every start
happens once, however many there are.

SIGTERM and SIGINT end it within 8 seconds with exit code 0: syncs in progress are handed over, and continue in another
worker or at the next start. A second signal ends it at once. SIGHUP reads companies' options and keys again.`;

export async function runWorker(
  context: CommandContext,
  globals: GlobalFlags,
  { concurrency = defaultConcurrency(), json }: WorkerFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async (open) => {
      const queue = await open.database.openJobQueue();
      const output = json === true ? jsonOutput(context.stdout) : textOutput(context.stdout, open.signal);
      output.ready({ event: "ready" }, `Working on the database ${open.databaseName}. Stop with Ctrl+C.`);
      const service = startService(open, { schedules: true, works: true, concurrency, queue, output });
      await service.untilStopped(open.signal);
      return exitCodes.success;
    },
    { isService: true, writes: true, concurrency },
  );
}
