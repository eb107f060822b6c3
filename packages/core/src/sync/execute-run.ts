import { inParallel } from "../async/in-parallel.js";
import { AbortedError, LeaseLostError, StorageError, TitanSyncError } from "../errors.js";
import type { Completeness } from "../ports/credential-state.js";
import type { EndStatus, RunFailure } from "../ports/sync-run.js";
import { plansFor } from "../records/definitions/catalog.js";
import type { RecordPlan } from "../records/definitions/record-plan.js";
import { completenessOf } from "./completeness.js";
import { createDelivery, type Delivery } from "./deliver/deliver-batch.js";
import { deriveRecords } from "./derive/derive-records.js";
import { type FeedOutcome, readFeeds } from "./read/read-feeds.js";
import { replayRejections } from "./read/replay-rejections.js";
import { dropStalePasses } from "./read/stale-passes.js";
import type { RunContext } from "./run/run-context.js";
import { warnOfQuality } from "./warn-of-quality.js";

/** How the work of a run ended, before that is stored. */
export interface RunOutcome {
  readonly status: EndStatus;
  readonly error: RunFailure | null;
  /** What is complete by now, by data type; empty unless the run followed the feeds and ended well. */
  readonly completeness: Completeness;
}

const nothingRead: FeedOutcome = {
  degraded: new Set(),
  refused: new Set(),
  failed: new Map(),
  readUpTo: new Map(),
};

/**
 * The work of a run: the feeds, then what earlier runs could not deliver, then the records. Never fails for what
 * makes a run `failed`.
 *
 * @param stopped - Why the run's signal was aborted, where a person or a limit did that.
 * @param pausesOnFailure - Whether a failure that may pass by itself pauses the run instead of failing it.
 * @throws {@link LeaseLostError} when the run belongs to somebody else by now.
 */
export async function executeRun(
  context: RunContext,
  newBatchId: () => string,
  stopped: () => "cancelled" | "paused" | null,
  pausesOnFailure: boolean,
): Promise<RunOutcome> {
  const failWith = (failures: readonly unknown[]): RunOutcome => {
    const [first] = failures;
    if (!pausesOnFailure) return { status: "failed", error: describeFailure(first), completeness: {} };
    const lasting = failures.find((error) => !mayPass(error));
    const status = lasting === undefined ? "paused" : "failed";
    return { status, error: describeFailure(lasting ?? failures.find(isOutage) ?? first), completeness: {} };
  };
  try {
    const read = await readAll(context);
    const { degraded, failed } = read;
    const failures = [...failed.values(), ...(await deriveAll(context, failed, newBatchId))];
    if (failures.length > 0) return failWith(failures);
    await warnOfQuality(context);
    // Everything that was read is delivered or rejected.
    const completeness = completenessOf(context, read);
    return { status: degraded.size > 0 ? "partial" : "completed", error: null, completeness };
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    const reason = stopped();
    if (reason !== null && (context.signal.aborted || error instanceof AbortedError)) {
      return { status: reason, error: null, completeness: {} };
    }
    logFailure(context, error);
    return failWith([error]);
  }
}

/** Whether the same may succeed as soon as the storage answers again. */
export function isOutage(error: unknown): boolean {
  return error instanceof StorageError && error.retryable;
}

/** Whether the same may succeed later although nobody has done anything about it. */
function mayPass(error: unknown): boolean {
  return !TitanSyncError.is(error) || error.retryable || error instanceof StorageError;
}

async function readAll(context: RunContext): Promise<FeedOutcome> {
  await dropStalePasses(context);
  const plans = plansFor(context.catalog, context.request.data);
  const { rederive, replay = false } = context.request;
  const outcome = rederive || replay ? nothingRead : await readFeeds(context, plans);
  if (replay) await replayRejections(context, plans);
  return outcome;
}

/**
 * Delivers stored batches and derives the requested records, all record types in parallel. If one fails,
 * the others still finish.
 * @returns what failed, even if the run was stopped after that.
 */
async function deriveAll(
  context: RunContext,
  failed: FeedOutcome["failed"],
  newBatchId: () => string,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const wanted = plansFor(context.catalog, context.request.data);
  const derive = async (plan: RecordPlan): Promise<void> => {
    const delivery = createDelivery(context, plan);
    const isWanted = wanted.includes(plan);
    try {
      await delivery.resend();
      // A first delivery must be complete: nothing is derived before its driver is drained.
      if (isWanted && !failed.has(plan.driver)) await deriveRecords(context, plan, delivery, newBatchId);
    } catch (error) {
      // The consequences of a stop are not failures.
      if (error instanceof LeaseLostError || context.signal.aborted) throw error;
      if (!context.writer.isFailure(error)) {
        logFailure(context, error);
        failures.push(error);
      }
    } finally {
      if (isWanted) failures.push(...delivery.failures);
      else warnOfUnsent(context, plan, delivery);
    }
  };
  try {
    await inParallel(context.catalog.plans, derive);
  } catch (error) {
    if (error instanceof LeaseLostError || failures.length === 0) throw error;
  }
  return failures;
}

/** Records that the run does not include do not fail it. */
function warnOfUnsent(context: RunContext, { record }: RecordPlan, { failures }: Delivery): void {
  if (failures.length === 0) return;
  context.warn({
    code: "BATCHES_NOT_TAKEN",
    message: `The sink still does not accept batches of ${record} records that earlier runs left.`,
    count: failures.length,
  });
}

function logFailure(context: RunContext, error: unknown): void {
  const { code } = describeFailure(error);
  const frames = TitanSyncError.is(error) ? null : framesOf(error);
  context.logger.error({ runId: context.lease.runId, code, frames }, "the run failed");
}

/** What is kept of an error. Texts of errors that are not ours may hold anything. */
export function describeFailure(error: unknown): RunFailure {
  if (TitanSyncError.is(error)) return { code: error.code, message: error.message, hint: error.hint };
  const name = error instanceof Error ? error.name : typeof error;
  return {
    code: "UNEXPECTED",
    message: `An unexpected ${name} stopped the run.`,
    hint: "The next run resumes. If it happens again, report it with the log around it.",
  };
}

/** The stack of another library's error, without its message, which may quote a row. */
function framesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}
