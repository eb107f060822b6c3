import { randomUUID } from "node:crypto";
import { createQueueDispatcher } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { findWorker } from "../../service/find-worker.js";
import { requireCredential } from "../select-credentials.js";
import type { ScheduleOfFlags } from "./schedule-show.js";

export function registerScheduleRun(schedule: Command, perform: Perform): void {
  schedule
    .command("run")
    .description("have a worker sync a credential now, ahead of scheduled syncs; needs no schedule")
    .requiredOption("--credential <id>", "the credential")
    .option("--json", "print one JSON document")
    .action((flags: ScheduleOfFlags) =>
      perform((context, globals) => runScheduleRun(context, globals, flags)),
    );
}

/** Queues an incremental sync of what the credential's schedule syncs, or of everything without one. */
export async function runScheduleRun(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleOfFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async (open) => {
      const { titan, database } = open;
      const storage = database.storage();
      const queue = await database.openJobQueue();
      const { id: credentialId, companyId } = await requireCredential(titan.credentials, flags.credential);
      const schedule = await titan.schedules.find(credentialId);
      const requestedId = randomUUID();
      const { runId } = await createQueueDispatcher({ titan, storage, queue }).dispatch({
        runId: requestedId,
        credentialId,
        companyId,
        type: "manual",
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
      const isWorkerAlive = await findWorker(open, "The sync waits until one starts.");
      if (flags.json === true) {
        await writeJson(context.stdout, { runId, credentialId, companyId, status: "queued", isWorkerAlive });
      } else if (runId === requestedId) {
        await writeLine(context.stdout, `Queued as run ${runId}.`);
      } else {
        await writeLine(
          context.stdout,
          `The same sync is waiting already, as run ${runId}: it goes first now.`,
        );
      }
      return exitCodes.success;
    },
    { writes: true },
  );
}
