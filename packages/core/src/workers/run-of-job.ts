import { isSuperseded } from "../ledger/superseded-run.js";
import type { QueuedJob } from "../ports/job-queue.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { WorkerStorage } from "./worker-storage.js";

/** A job under the id of the run that is to do it. */
export interface JobAtWork extends QueuedJob {
  /** Earlier ids of its run, which different requests superseded. */
  readonly acceptedIds: readonly string[];
}

/** The id of the run that is to do the job: another one after each that a different request superseded. */
export async function findRunOf(
  storage: Pick<WorkerStorage, "findRun">,
  job: Pick<QueuedJob, "runId">,
): Promise<{ readonly known: StoredRun | null } & Pick<JobAtWork, "runId" | "acceptedIds">> {
  const acceptedIds: string[] = [];
  for (;;) {
    const count = acceptedIds.length + 1;
    const runId = count === 1 ? job.runId : `${job.runId}.${count}`;
    const known = await storage.findRun(runId);
    if (known === null || !isSuperseded(known)) return { runId: known?.id ?? runId, known, acceptedIds };
    acceptedIds.push(runId);
  }
}

/** Also a job whose run has ended by now: repeating its request finds the run under each of its ids. */
export async function recordFulfillment(
  storage: Pick<WorkerStorage, "recordAcceptedRun">,
  { runId, acceptedIds }: Pick<JobAtWork, "runId" | "acceptedIds">,
  fulfillingId: string,
): Promise<void> {
  for (const acceptedId of [...acceptedIds, runId]) {
    if (acceptedId !== fulfillingId) await storage.recordAcceptedRun({ acceptedId, runId: fulfillingId });
  }
}
