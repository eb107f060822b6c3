import { AbortedError, ValidationError } from "../errors.js";
import { isSuperseded } from "../ledger/superseded-run.js";
import type { JobQueue, QueuedJob } from "../ports/job-queue.js";
import type { Dispatched, DispatchedSync, RunDispatcher } from "../ports/run-dispatcher.js";
import type { TitanSync } from "../titan-sync.js";
import { jobPriorityOf } from "./job-priority.js";
import { findRunOf, recordFulfillment } from "./run-of-job.js";
import { runRequestOfJob, syncOfJob, withInstants } from "./sync-of-job.js";
import type { SyncWorker } from "./sync-worker.js";
import type { WorkerStorage } from "./worker-storage.js";

export interface QueueDispatcherOptions {
  readonly titan: Pick<TitanSync, "checkSync">;
  /** The storage of `titan`. */
  readonly storage: Pick<
    WorkerStorage,
    "findCredential" | "findRun" | "recordAcceptedRun" | "findAcceptedRun" | "recordCancelledRun"
  >;
  readonly queue: JobQueue;
  /**
   * A worker in this process: its events reach the dispatcher's listeners, and it is closed with the dispatcher.
   * @defaultValue none: workers are processes of their own
   */
  readonly worker?: Pick<SyncWorker, "subscribe" | "close"> | undefined;
}

/**
 * Puts triggered syncs into a queue, also while a run of their credential is in progress. Workers execute them.
 *
 * A run id that was accepted before starts nothing new: it is answered with the run that fulfills it, also if the job
 * was merged into another one, or its run continued an earlier one.
 *
 * @example
 * const worker = createSyncWorker({ titan, storage, queue });
 * const dispatcher = createQueueDispatcher({ titan, storage, queue, worker });
 * const router = createTitanSyncRouter({ titan, authenticate, dispatcher });
 */
export function createQueueDispatcher({
  titan,
  storage,
  queue,
  worker,
}: QueueDispatcherOptions): RunDispatcher {
  let isClosed = false;

  const fulfilling = async (runId: string): Promise<string> =>
    (await storage.findAcceptedRun(runId)) ?? runId;

  /** @param runId - Of the run that fulfills a request. */
  async function findAccepted(runId: string): Promise<Dispatched | null> {
    const run = await storage.findRun(runId);
    // The job of a superseded run waits to begin another one.
    const isOver = run !== null && run.completedAt !== null && !isSuperseded(run);
    const waiting = isOver ? null : await queue.findWaiting({ runId });
    if (waiting !== null) return { runId, status: "queued" };
    if (run !== null) return { runId: run.id, status: "running" };
    // A worker has claimed it, and its run has not begun.
    return (await queue.find({ runId })) === null ? null : { runId, status: "queued" };
  }

  /** @returns `false` if its run has begun: that is canceled through the storage, whoever has it in hand. */
  async function cancelBeforeItBegins(job: QueuedJob): Promise<boolean> {
    const { credentialId, type } = job;
    const { runId, known, acceptedIds } = await findRunOf(storage, job);
    const credential = known === null ? await storage.findCredential(credentialId) : null;
    if (credential === null) return false;
    const { companyId, environment, tenantId } = credential;
    const scope = { companyId, environment, tenantId };
    const request = runRequestOfJob(job);
    if (!(await storage.recordCancelledRun({ runId, credentialId, scope, type, request }))) return false;
    await recordFulfillment(storage, { runId, acceptedIds }, runId);
    return true;
  }

  async function requireAcceptable(sync: DispatchedSync): Promise<Parameters<typeof jobPriorityOf>[1]> {
    await titan.checkSync(syncOfJob(sync));
    const credential = await storage.findCredential(sync.credentialId);
    if (credential === null) throw new ValidationError("No credential with this id exists.");
    return credential;
  }

  return {
    async dispatch(sync) {
      if (isClosed) throw new AbortedError("No new syncs are accepted: this process is shutting down.");
      const runId = await fulfilling(sync.runId);
      const accepted = await findAccepted(runId);
      if (accepted !== null) return accepted;
      const credential = await requireAcceptable(sync);
      const job = { ...withInstants(sync), runId, priority: jobPriorityOf(sync, credential) };
      const enqueued = await queue.enqueue(job);
      if (enqueued.runId !== sync.runId) {
        await storage.recordAcceptedRun({ acceptedId: sync.runId, runId: enqueued.runId });
      }
      return { runId: enqueued.runId, status: "queued" };
    },

    async cancel({ runId: acceptedId }) {
      const job =
        (await queue.find({ runId: await fulfilling(acceptedId) })) ??
        (await queue.find({ runId: acceptedId }));
      if (job === null) return false;
      const isCancelled = await cancelBeforeItBegins(job);
      // A worker that has claimed it finds its run ended.
      await queue.remove(job.runId);
      return isCancelled;
    },

    async findQueued(by) {
      if ("runId" in by) return await queue.find({ runId: await fulfilling(by.runId) });
      const job = await queue.find(by);
      const run = job === null ? null : await storage.findRun(job.runId);
      // The worker is about to take a job off the queue whose run has ended.
      return run !== null && run.completedAt !== null ? await queue.findWaiting(by) : job;
    },

    ...(worker !== undefined && { subscribe: (listener) => worker.subscribe(listener) }),

    async close() {
      isClosed = true;
      await worker?.close();
    },
  };
}
