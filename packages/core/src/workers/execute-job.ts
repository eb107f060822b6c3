import { sleep } from "../async/aborted.js";
import {
  AbortedError,
  ConfigError,
  ConflictError,
  type ErrorCode,
  errorCodeOf,
  LeaseLostError,
} from "../errors.js";
import { workerLost } from "../ledger/lost-run.js";
import type { Clock } from "../ports/clock.js";
import type { QueuedJob } from "../ports/job-queue.js";
import type { Logger } from "../ports/logger.js";
import type { RunWaitEvent, SyncEvent } from "../ports/sync-event.js";
import type { RunFailure, StoredRun } from "../ports/sync-run.js";
import { describeFailure, isOutage } from "../sync/execute-run.js";
import type { RunHandle } from "../sync/run-handle.js";
import type { TitanSync } from "../titan-sync.js";
import { failJob } from "./fail-job.js";
import { maxLostClaims, restAfter, restsMs } from "./failed-attempts.js";
import { findHold } from "./held-credential.js";
import { insist } from "./insist.js";
import { findRunOf, type JobAtWork, recordFulfillment } from "./run-of-job.js";
import { syncOfJob } from "./sync-of-job.js";
import type { WorkerStorage } from "./worker-storage.js";

/** What becomes of a job after a worker had it. */
export type JobVerdict =
  | { readonly kind: "done" }
  | {
      readonly kind: "again";
      readonly afterMs: number;
      readonly attempts: number;
      readonly slices: number;
    };

export interface JobExecution {
  readonly titan: Pick<TitanSync, "sync">;
  readonly storage: WorkerStorage;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A slice's length. */
  readonly stopAfterMs: number;
  /** Aborted when the worker is to stop, or the job is to give way to another: its run is then handed over. */
  readonly closing: AbortSignal;
  /** Called with the run once it has begun or continues. */
  readonly onRun: (run: RunHandle) => void;
  readonly onEvent: (event: SyncEvent) => void;
}

/** Before another look at what passes by itself, such as another owner's lease. */
const passingMs = 5_000;
/** How long a scheduled job rests whose credential is paused or refused, before another look. */
const heldMs = 5 * 60_000;
/** How long a worker tries to store which run fulfills a job, once that run is over. */
const insistMs = 30_000;
/** How much longer than a dead owner's lease a job waits for it. */
const beyondLeaseMs = 100;

/** Executes one slice of a job's run. What fails counts as a failed attempt of the job. */
export async function executeJob(execution: JobExecution, claimed: QueuedJob): Promise<JobVerdict> {
  try {
    return await executeSlice(execution, claimed);
  } catch (error) {
    return await failAttempt(execution, { ...claimed, acceptedIds: [] }, describeFailure(error));
  }
}

async function executeSlice(execution: JobExecution, claimed: QueuedJob): Promise<JobVerdict> {
  const { storage, clock, logger, closing } = execution;
  const { runId, known, acceptedIds } = await findRunOf(storage, claimed);
  const job: JobAtWork = { ...claimed, runId, acceptedIds };
  if (known !== null && known.completedAt !== null) return done;
  if (job.lostClaims >= maxLostClaims || (job.lostClaims > 0 && job.attempts >= restsMs.length)) {
    return await giveUp(execution, job, workersLost(job, known));
  }
  const hold = job.type === "manual" ? null : await findHold(execution, job.credentialId);
  if (hold !== null) {
    logger.info({ runId, credentialId: job.credentialId, hold }, "a job waits until a person acts");
    return unchanged(job, heldMs);
  }
  let run: RunHandle;
  try {
    run = await begin(execution, job);
  } catch (error) {
    return await afterRefusal(execution, job, error);
  }
  execution.onRun(run);
  const reading = watch(run, execution);
  const isNoted = await noteFulfillment(execution, job, run);
  const outcome = await run.result.then(
    (result) => ({ result, error: null }),
    (error: unknown) => ({ result: null, error }),
  );
  const lastWait = await reading;
  if (!isNoted) {
    await insist(() => recordFulfillment(storage, job, run.id), { clock, forMs: insistMs });
  }
  if (outcome.result === null) return await afterLoss(execution, job, run, outcome.error);
  const { status, error } = outcome.result;
  if (status !== "paused") return done;
  const slices = job.slices + 1;
  // The next slice begins behind what this one has stored. Of an API or a sink that fails in every slice this would hide
  // that nothing comes of it, since some related feed moves each time.
  const isOutage = error?.code === storageCode;
  if (run.hasProgressed() && (error === null || isOutage)) {
    return { kind: "again", afterMs: isOutage ? passingMs : 0, attempts: 0, slices };
  }
  if (error !== null) return await failAttempt(execution, job, error);
  if (closing.aborted || !isNoted) return { kind: "again", afterMs: 0, attempts: job.attempts, slices };
  return await failAttempt(execution, job, noProgress(lastWait));
}

const done: JobVerdict = { kind: "done" };
const storageCode: ErrorCode = "STORAGE";

function unchanged({ attempts, slices }: QueuedJob, afterMs: number): JobVerdict {
  return { kind: "again", afterMs, attempts, slices };
}

async function begin(
  { titan, clock, stopAfterMs, closing }: JobExecution,
  job: QueuedJob,
): Promise<RunHandle> {
  const start = (): Promise<RunHandle> =>
    titan.sync({ ...syncOfJob(job), stopAfterMs, pauseOnFailure: true });
  try {
    return await start();
  } catch (error) {
    const endsInMs = error instanceof ConflictError ? error.leaseEndsInMs : null;
    // Of a worker that died both the claim and the lease end, the one a little after the other.
    if (job.lostClaims === 0 || endsInMs === null) throw error;
    await sleep(clock, Math.max(0, endsInMs) + beyondLeaseMs, closing);
    return await start();
  }
}

/**
 * Stores which run fulfills the job, before that run can get far: a run that had ended while nobody knew of it would be
 * done again.
 * @returns `false` if it could not be stored; the run is then interrupted.
 */
async function noteFulfillment(
  { storage, logger }: JobExecution,
  job: JobAtWork,
  run: RunHandle,
): Promise<boolean> {
  try {
    await recordFulfillment(storage, job, run.id);
    const found = run.id === job.runId ? null : await storage.findRun(job.runId);
    // Somebody canceled the job while it was about to continue an earlier run.
    if (found?.id === job.runId && found.status === "cancelled") await run.cancel();
    return true;
  } catch (error) {
    logger.warn(
      { runId: run.id, acceptedId: job.runId, code: errorCodeOf(error) },
      "which run fulfills a job could not be stored: the run is interrupted, and continues soon",
    );
    await run.handOver();
    return false;
  }
}

/** @returns the last wait of a run for ServiceTitan. */
async function watch(
  run: RunHandle,
  { onEvent, logger }: Pick<JobExecution, "onEvent" | "logger">,
): Promise<RunWaitEvent | null> {
  let lastWait: RunWaitEvent | null = null;
  try {
    for await (const event of run.events()) {
      if (event.event === "run:wait") lastWait = event;
      onEvent(event);
    }
  } catch (error) {
    logger.warn({ runId: run.id, code: errorCodeOf(error) }, "the run's events could not be passed on");
  }
  return lastWait;
}

/** The run did not begin. */
async function afterRefusal(execution: JobExecution, job: JobAtWork, error: unknown): Promise<JobVerdict> {
  const { storage, logger, closing } = execution;
  if (error instanceof AbortedError) return unchanged(job, closing.aborted ? 0 : passingMs);
  if (error instanceof LeaseLostError) return unchanged(job, passingMs);
  if (isOutage(error)) return await failAttempt(execution, job, describeFailure(error));
  // A newer program has migrated the database: its workers continue the run, and this one is about to end.
  if (error instanceof ConfigError && !(await isUsable(storage))) return unchanged(job, passingMs);
  if (error instanceof ConflictError && error.leaseEndsInMs !== null) {
    return unchanged(job, Math.min(Math.max(0, error.leaseEndsInMs) + beyondLeaseMs, passingMs));
  }
  if ((await storage.findCredential(job.credentialId)) === null) {
    logger.warn(
      { runId: job.runId, credentialId: job.credentialId },
      "the credential of a job no longer exists: the job is dropped",
    );
    return done;
  }
  if (error instanceof ConflictError && error.runId === job.runId) {
    const run = await storage.findRun(job.runId);
    if (run !== null && run.completedAt !== null) return done;
  }
  return await failAttempt(execution, job, describeFailure(error));
}

async function isUsable(storage: WorkerStorage): Promise<boolean> {
  try {
    await storage.checkSchema();
    return true;
  } catch (error) {
    return !(error instanceof ConfigError);
  }
}

/** The run has another owner, or its end could not be stored. */
async function afterLoss(
  execution: JobExecution,
  job: JobAtWork,
  run: RunHandle,
  error: unknown,
): Promise<JobVerdict> {
  const slices = job.slices + 1;
  if (run.hasProgressed()) return { kind: "again", afterMs: passingMs, attempts: 0, slices };
  if (error instanceof LeaseLostError) {
    return { kind: "again", afterMs: passingMs, attempts: job.attempts, slices };
  }
  return await failAttempt(execution, job, describeFailure(error));
}

async function failAttempt(execution: JobExecution, job: JobAtWork, cause: RunFailure): Promise<JobVerdict> {
  const { logger, closing } = execution;
  if (closing.aborted) return unchanged(job, 0);
  const attempts = job.attempts + 1;
  const afterMs = restAfter(attempts, cause.code === storageCode);
  const { runId, credentialId } = job;
  if (afterMs === null) return await giveUp(execution, job, cause);
  logger.warn(
    { runId, credentialId, code: cause.code, attempts, restMs: afterMs },
    "an attempt of a job failed, it rests",
  );
  return { kind: "again", afterMs, attempts, slices: await slicesAfter(execution, job) };
}

/** A job whose run has begun holds back the others of its credential. */
async function slicesAfter({ storage }: JobExecution, { runId, slices }: JobAtWork): Promise<number> {
  try {
    const run = await storage.findRun(runId);
    return run !== null && run.completedAt === null ? Math.max(1, slices) : slices;
  } catch {
    return slices;
  }
}

async function giveUp(execution: JobExecution, job: JobAtWork, cause: RunFailure): Promise<JobVerdict> {
  const { storage, logger } = execution;
  try {
    await failJob(execution, job, cause);
    await recordFulfillment(storage, job, job.runId);
  } catch (error) {
    logger.warn(
      { runId: job.runId, code: errorCodeOf(error) },
      "the failed run of a job could not be ended, trying again",
    );
    return unchanged(job, passingMs);
  }
  const { runId, credentialId } = job;
  logger.error({ runId, credentialId, code: cause.code }, "a job failed too often: its run has ended failed");
  return done;
}

function noProgress(wait: RunWaitEvent | null): RunFailure {
  const inARow = `${restsMs.length + 1} slices of the run in a row made no progress`;
  if (wait === null) {
    return {
      code: "NO_PROGRESS",
      message: `${inARow}.`,
      hint: "Look for slow answers of ServiceTitan or a slow sink in the run's log. The next sync continues.",
    };
  }
  const throttled = wait.reason === "throttled";
  return {
    code: throttled ? "API_RATE_LIMITED" : "CIRCUIT_OPEN",
    message: `${inARow}: ${throttled ? "ServiceTitan throttled its requests" : "ServiceTitan did not answer"}.`,
    hint: "The next sync continues.",
  };
}

function workersLost({ lostClaims, queuedAt }: QueuedJob, run: StoredRun | null): RunFailure {
  // A job whose run never began was last seen when it was put into the queue.
  const lost = workerLost(run ?? { worker: null, updatedAt: queuedAt });
  return { ...lost, message: `${lost.message} ${lostClaims} workers in a row were lost with it.` };
}
