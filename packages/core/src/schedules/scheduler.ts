import { randomUUID } from "node:crypto";
import { systemClock } from "../async/system-clock.js";
import { ConfigError, errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { JobQueue } from "../ports/job-queue.js";
import { type Logger, silentLogger } from "../ports/logger.js";
import type { DueSchedule, StartDecision, StartLedger, StoredStart } from "../ports/start-ledger.js";
import { harmlessLogger } from "../progress/harmless-logger.js";
import { type DecideOptions, decideStarts } from "./decide-starts.js";

export interface SchedulerOptions {
  readonly storage: Pick<StartLedger, "claimDueStarts">;
  /** In the storage's database, so that a start and its job are stored together. */
  readonly queue: Pick<JobQueue, "enqueue">;
  /** @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** Returns ids of runs. @defaultValue random UUIDs */
  readonly newId?: (() => string) | undefined;
  /** How many syncs all schedulers together may start in a minute. @defaultValue 600 */
  readonly maxStartsPerMinute?: number | undefined;
  /** Told of every outcome, after it is stored. */
  readonly onStart?: ((start: StoredStart) => void) | undefined;
}

/** Puts due syncs of schedules into a queue. */
export interface Scheduler extends AsyncDisposable {
  /**
   * Decides about everything that is due now. The scheduler does so itself every second.
   * @throws {@link StorageError} when the database or the queue fails, {@link ConfigError} when this program does not
   * work with the database; nothing is lost.
   */
  tick(): Promise<void>;
  /**
   * Begins no more ticks. Resolves when the current one has ended, or after `deadlineMs`: the database may not answer, and
   * what it has not stored by then another scheduler decides. May be called twice.
   * @param options.deadlineMs - @defaultValue 8 seconds
   */
  close(options?: { readonly deadlineMs?: number | undefined }): Promise<void>;
}

const tickMs = 1000;
const maxBackoffMs = 30_000;
/** A scheduler that was replaced within this time was never gone. */
const outageAfterMs = 120_000;
const schedulesPerTransaction = 100;
const defaultDeadlineMs = 8_000;
/** When a schedule that cannot be decided is looked at again, in milliseconds. */
const postponedMs = 15 * 60_000;

/**
 * Puts a job into the queue for every start of every schedule when it is due, within a second. Any number of schedulers
 * may run, in any number of processes: the start ledger gives each nominal start one outcome. A failure is logged, and
 * the next attempt makes up for it.
 *
 * @example
 * const queue = sqliteJobQueue({ database });
 * const scheduler = startScheduler({ storage, queue });
 * const worker = createSyncWorker({ titan, queue });
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { clock = systemClock, newId = randomUUID } = options;
  const logger = harmlessLogger(options.logger ?? silentLogger);
  const stop = new AbortController();

  async function tick(): Promise<void> {
    const { storage, queue, maxStartsPerMinute = 600 } = options;
    for (let decided = schedulesPerTransaction; decided === schedulesPerTransaction; ) {
      if (stop.signal.aborted) return;
      const at = clock.now();
      const { entries, schedules } = await storage.claimDueStarts({
        at,
        limit: schedulesPerTransaction,
        maxPerMinute: maxStartsPerMinute,
        outageAfterMs,
        decide: (due, outage) => decide(due, { at, outage, newId }),
        enqueue: (job, transaction) => queue.enqueue(job, { unlessWaiting: true, transaction }),
      });
      for (const entry of entries) report(entry);
      decided = schedules;
    }
  }

  /** A schedule that cannot be decided, such as one whose time zone this runtime does not know, holds up no other. */
  function decide(due: DueSchedule, options: DecideOptions): StartDecision {
    try {
      return decideStarts(due, options);
    } catch (error) {
      const { credentialId, companyId, nextNominalAt, decidedUntil } = due.schedule;
      const facts = { credentialId, companyId, code: errorCodeOf(error), retryInMs: postponedMs };
      logger.error(facts, "a schedule cannot be decided and starts nothing; save it again");
      const runAt = options.at + postponedMs;
      const next = { nominalAt: nextNominalAt ?? options.at, runAt };
      const catchUp = due.catchUp === null ? null : { ...due.catchUp, runAt };
      return { entries: [], decidedUntil, next, catchUp, job: null };
    }
  }

  function report(start: StoredStart): void {
    const { credentialId, companyId, outcome, reason, count, runId } = start;
    const facts = { credentialId, companyId, outcome, reason, count, runId };
    if (start.outcome === "missed" || start.outcome === "delayed")
      logger.warn(facts, "scheduled starts are late");
    else logger.info(facts, "scheduled starts were decided");
    options.onStart?.(start);
  }

  async function loop(): Promise<void> {
    let pauseMs = tickMs;
    for (;;) {
      try {
        await clock.sleep(pauseMs, stop.signal);
      } catch {
        return;
      }
      try {
        await tick();
        pauseMs = tickMs;
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, maxBackoffMs);
        // What is wrong with a database of another version is for people.
        const reason = error instanceof ConfigError && { reason: error.message, hint: error.hint };
        logger.error(
          { code: errorCodeOf(error), retryInMs: pauseMs, ...reason },
          "the scheduler could not start what is due",
        );
      }
    }
  }

  const looping = loop();
  async function close({
    deadlineMs = defaultDeadlineMs,
  }: Parameters<Scheduler["close"]>[0] = {}): Promise<void> {
    stop.abort();
    const timer = new AbortController();
    const late = clock.sleep(deadlineMs, timer.signal).catch(() => undefined);
    await Promise.race([looping, late]);
    timer.abort();
  }
  return { tick, close, [Symbol.asyncDispose]: () => close() };
}
