import { type Auditor, createAuditor } from "../audit/auditor.js";
import { ConflictError, errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { JobQueue, SyncJob } from "../ports/job-queue.js";
import type { Logger } from "../ports/logger.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";
import { endLostRun } from "../sync/end-lost-run.js";
import { findHold } from "./held-credential.js";
import { jobPriorityOf } from "./job-priority.js";
import { findRunOf } from "./run-of-job.js";

export interface ReaperOptions {
  readonly storage: Pick<
    Storage,
    "listLostRuns" | "endLostRun" | "findRun" | "findCredential" | "findCredentialState" | "appendAudit"
  >;
  readonly queue: Pick<JobQueue, "enqueue" | "find" | "findWaiting" | "remove">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Between two looks, in milliseconds: with the lease, how long a run may show as lost. */
const everyMs = 5_000;
/** Looked at in one round. */
const limit = 100;

/**
 * Looks every few seconds, until its signal is aborted, for runs whose lease has expired: queues a job that continues
 * them under their ids, or ends them `failed` with the code `WORKER_LOST` if their credential is paused, refused or
 * gone. Any number of processes may do so at once. It survives every failure of storage and queue.
 */
export async function reapLostRuns(options: ReaperOptions): Promise<void> {
  const { storage, clock, logger, signal } = options;
  const auditor = createAuditor(storage, logger);
  while (!signal.aborted) {
    try {
      for (const run of await storage.listLostRuns({ limit })) await reap(options, auditor, run);
    } catch (error) {
      logger.warn({ code: errorCodeOf(error) }, "lost runs could not be listed, trying again");
    }
    try {
      await clock.sleep(everyMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function reap(options: ReaperOptions, auditor: Auditor, run: StoredRun): Promise<void> {
  const { storage, queue, logger } = options;
  const { id: runId, credentialId } = run;
  try {
    const credential = await storage.findCredential(credentialId);
    const hold = await findHold(options, credentialId);
    if (credential === null || hold !== null) {
      const ended = await endLostRun({ store: storage, auditor }, runId, "system");
      if (ended !== null) logger.warn({ runId, credentialId, hold }, "a lost run was ended");
      return;
    }
    // It may have been continued since it was listed: a database that hangs makes a round take minutes.
    if ((await storage.findRun(runId))?.status !== "lost" || (await hasJob(options, run))) return;
    const { outcome } = await queue.enqueue(jobOfRun(run, credential));
    if (outcome !== "queued") return;
    // Its former job left the queue after the run had ended: if it has not by now, there was none.
    const found = await storage.findRun(runId);
    if (found === null || found.completedAt !== null) await queue.remove(runId);
    else logger.warn({ runId, credentialId }, "a lost run was queued, to be continued");
  } catch (error) {
    // A worker has the run's job in hand, and continues it.
    if (error instanceof ConflictError && error.runId === runId) return;
    logger.warn({ runId, code: errorCodeOf(error) }, "a lost run could not be queued, trying again");
  }
}

/** Whether a job continues the run, or a worker has one of the credential in hand, which may do so. */
async function hasJob({ storage, queue }: ReaperOptions, { id, credentialId }: StoredRun): Promise<boolean> {
  if ((await queue.findWaiting({ runId: id })) !== null) return true;
  const job = await queue.find({ credentialId });
  if (job === null) return false;
  const isInHand = (await queue.findWaiting({ runId: job.runId })) === null;
  return isInHand || (await findRunOf(storage, job)).runId === id;
}

/** The job that continues a run. */
function jobOfRun(
  { id, credentialId, scope, type, request }: StoredRun,
  credential: StoredCredential,
): SyncJob {
  const { data, mode, fresh, rederive, replay = false, range, allowRemovals } = request;
  return {
    runId: id,
    credentialId,
    companyId: scope.companyId,
    type,
    data,
    mode,
    fresh,
    rederive,
    replay,
    from: range?.from ?? null,
    to: range?.to ?? null,
    by: range?.by ?? null,
    allowRemovals,
    actor: "system",
    priority: jobPriorityOf({ type, mode }, credential),
  };
}
