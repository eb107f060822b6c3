import { randomUUID } from "node:crypto";
import {
  type CredentialSummary,
  createQueueDispatcher,
  type RunDispatcher,
  type ScheduleManager,
  type SyncType,
} from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { countOf } from "../../output/format.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { UsageError } from "../../program/usage-error.js";
import { findWorker } from "../../service/find-worker.js";
import { addManySelector, checkSelector, type ManySelector, selectMany } from "../select-credentials.js";

interface ScheduleRunFlags extends ManySelector {
  readonly json?: boolean | undefined;
}

/** A sync that waits for a worker. */
interface QueuedRun {
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly status: "queued" | "running";
  /** Whether the same sync was waiting already. */
  readonly isMerged: boolean;
}

export function registerScheduleRun(schedule: Command, perform: Perform): void {
  addManySelector(
    schedule
      .command("run")
      .description("have workers sync now what is selected; one credential goes ahead of scheduled syncs"),
  )
    .option("--json", "print one JSON document")
    .action((flags: ScheduleRunFlags) =>
      perform((context, globals) => runScheduleRun(context, globals, flags)),
    );
}

/** Queues incremental syncs of what the schedules sync, or of everything without one. */
export async function runScheduleRun(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleRunFlags,
): Promise<ExitCode> {
  checkSelector(flags);
  const isForMany = flags.all === true || flags.company !== undefined;
  if (flags.credential === undefined && !isForMany) {
    throw new UsageError("Say what to sync.", "Use --credential, --company or --all.");
  }
  return withTitan(
    context,
    globals,
    async (open) => {
      const { titan, database } = open;
      const queue = await database.openJobQueue();
      const dispatcher = createQueueDispatcher({ titan, storage: database.storage(), queue });
      // Whoever asks for many at once does not watch each: they must not hold back what others watch.
      const type = isForMany ? "scheduled" : "manual";
      const queued: QueuedRun[] = [];
      for (const credential of await selectMany(titan, flags)) {
        queued.push(await queueRun(dispatcher, titan.schedules, credential, type));
      }
      const isWorkerAlive = await findWorker(open, "What was queued waits until one starts.");
      if (flags.json === true) {
        const items = queued.map(({ isMerged: _isMerged, ...run }) => run);
        await writeJson(
          context.stdout,
          isForMany ? { items, isWorkerAlive } : { ...items[0], isWorkerAlive },
        );
      } else await writeLine(context.stdout, describe(queued));
      return exitCodes.success;
    },
    { writes: true },
  );
}

async function queueRun(
  dispatcher: Pick<RunDispatcher, "dispatch">,
  schedules: Pick<ScheduleManager, "find">,
  { id: credentialId, companyId }: Pick<CredentialSummary, "id" | "companyId">,
  type: SyncType,
): Promise<QueuedRun> {
  const schedule = await schedules.find(credentialId);
  const requestedId = randomUUID();
  const { runId, status } = await dispatcher.dispatch({
    runId: requestedId,
    credentialId,
    companyId,
    type,
    data: schedule?.data ?? "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "cli",
  });
  return { runId, credentialId, companyId, status, isMerged: runId !== requestedId };
}

function describe(queued: readonly QueuedRun[]): string {
  const [first] = queued;
  if (first === undefined) return "Nothing is selected: no sync was queued.";
  if (queued.length === 1) {
    return first.isMerged
      ? `The same sync is waiting already, as run ${first.runId}: it goes first now.`
      : `Queued as run ${first.runId}.`;
  }
  const merged = queued.filter(({ isMerged }) => isMerged).length;
  const waiting = merged === 0 ? "" : ` ${merged} of them were waiting already.`;
  return `${countOf(queued.length, "sync", "syncs")} queued.${waiting}`;
}
