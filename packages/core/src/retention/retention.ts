import { z } from "zod";
import { throwIfAborted } from "../async/aborted.js";
import { checkRequest } from "../check-request.js";
import type { Clock } from "../ports/clock.js";
import type { PruneStep, RetentionStore } from "../ports/retention-store.js";

const day = 24 * 60 * 60 * 1000;

/** What one step takes: so little that nobody waits long for it. */
const limits = { runsToEnd: 100, seenIds: 10_000, rows: 1000 };

/** How long history is kept, in milliseconds; `null` keeps it forever. Open work is never deleted. */
export interface PruneRequest {
  /** Changes the defaults: runs and the audit log are kept this long, and all other history no longer. */
  readonly olderThanMs?: number | undefined;
  /**
   * Runs, since they ended, and other ids that they were accepted under, since then. A credential's newest run and its
   * last completed one are kept.
   * @defaultValue 400 days
   */
  readonly runsOlderThanMs?: number | null | undefined;
  /** Incremental runs that completed without changing anything. @defaultValue 7 days */
  readonly idleRunsOlderThanMs?: number | null | undefined;
  /** Paused and dead runs, since somebody worked on them: they end `cancelled`. @defaultValue 7 days */
  readonly pausesOlderThanMs?: number | null | undefined;
  /**
   * Payloads of rejections of the stages `record` and `sink`, since they were last seen; they can be derived again.
   * The rejections themselves stay until they are closed. @defaultValue 30 days
   */
  readonly rejectionsOlderThanMs?: number | null | undefined;
  /** Entries of the audit log. @defaultValue 400 days */
  readonly auditOlderThanMs?: number | null | undefined;
  /** Entries of the start ledger. @defaultValue 14 days */
  readonly startsOlderThanMs?: number | null | undefined;
  /** Closed incidents of alerts, silences that ended, and messages about alerts. @defaultValue 400 days */
  readonly alertsOlderThanMs?: number | null | undefined;
  /** Stops between two steps. Earlier steps are not undone, and the next call deletes the rest. */
  readonly signal?: AbortSignal | undefined;
}

/** How much was pruned. */
export interface PruneResult {
  /** Deleted runs. */
  readonly runs: number;
  /** Paused and dead runs that were ended. */
  readonly pauses: number;
  /** Deleted payloads of rejections. */
  readonly rejections: number;
  /** Deleted entries of the audit log. */
  readonly audit: number;
  /** Deleted entries of the start ledger. */
  readonly starts: number;
  /** Deleted incidents, silences and messages of alerts. */
  readonly alerts: number;
}

const age = z.number().min(0);

function requestSchema({ olderThanMs }: PruneRequest) {
  const historyMs = age.nullable().default(olderThanMs ?? 400 * day);
  const atMost = (days: number) => age.nullable().default(Math.min(days * day, olderThanMs ?? Infinity));
  return z.strictObject({
    olderThanMs: age.optional(),
    runsOlderThanMs: historyMs,
    idleRunsOlderThanMs: atMost(7),
    pausesOlderThanMs: atMost(7),
    rejectionsOlderThanMs: atMost(30),
    auditOlderThanMs: historyMs,
    startsOlderThanMs: atMost(14),
    alertsOlderThanMs: historyMs,
  });
}

/**
 * Takes away history that was kept for long enough, of all companies. What is still to be read, derived or delivered
 * is the same afterwards. Runs beside syncs, and may be cut off anywhere.
 * @throws `ValidationError` with every mistake at once in `issues`, {@link AbortedError} when stopped.
 */
export async function prune(
  store: RetentionStore,
  clock: Clock,
  request: PruneRequest,
): Promise<PruneResult> {
  const { signal, ...ages } = request;
  const data = checkRequest(requestSchema(ages), ages, "retention");
  const now = clock.now();
  // Abandoned runs first: what they had seen goes with what other ended runs left.
  const pauses = await inSteps(data.pausesOlderThanMs, limits.runsToEnd, (step) =>
    store.endAbandonedRuns(step),
  );
  await inSteps(0, limits.seenIds, ({ limit }) => store.pruneSeenIds({ limit }));
  const runs = await inSteps(data.runsOlderThanMs, limits.rows, (step) =>
    store.pruneRuns({ ...step, idleOnly: false }),
  );
  const idleRuns = await inSteps(data.idleRunsOlderThanMs, limits.rows, (step) =>
    store.pruneRuns({ ...step, idleOnly: true }),
  );
  await inSteps(data.runsOlderThanMs, limits.rows, (step) => store.pruneAcceptedRuns(step));
  const rejections = await inSteps(data.rejectionsOlderThanMs, limits.rows, (step) =>
    store.pruneRejectionPayloads(step),
  );
  const audit = await inSteps(data.auditOlderThanMs, limits.rows, (step) => store.pruneAudit(step));
  const starts = await inSteps(data.startsOlderThanMs, limits.rows, (step) => store.pruneStarts(step));
  const alerts = await inSteps(data.alertsOlderThanMs, limits.rows, (step) => store.pruneAlerts(step));
  return { runs: runs + idleRuns, pauses, rejections, audit, starts, alerts };

  /** Repeats a step until it finds nothing. @returns what all steps took. */
  async function inSteps(
    ageMs: number | null,
    limit: number,
    takeStep: (step: PruneStep) => Promise<number>,
  ): Promise<number> {
    if (ageMs === null) return 0;
    for (let total = 0; ; ) {
      if (signal !== undefined) throwIfAborted(signal);
      const taken = await takeStep({ before: now - ageMs, limit });
      if (taken === 0) return total;
      total += taken;
    }
  }
}
