import { availableParallelism, hostname } from "node:os";
import { pid } from "node:process";
import { z } from "zod";
import { orAborted, shared } from "../async/aborted.js";
import { systemClock } from "../async/system-clock.js";
import { issuesOf } from "../check-request.js";
import { ConfigError, errorCodeOf } from "../errors.js";
import { agingMs, waitingSince } from "../job-queue/claim-order.js";
import type { Clock } from "../ports/clock.js";
import type { ClaimedJob, JobPriority, JobQueue, QueuedJob } from "../ports/job-queue.js";
import { type Logger, silentLogger } from "../ports/logger.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { harmlessLogger } from "../progress/harmless-logger.js";
import type { RunHandle } from "../sync/run-handle.js";
import { thisWorker } from "../sync/this-worker.js";
import type { TitanSync } from "../titan-sync.js";
import { executeJob, type JobVerdict } from "./execute-job.js";
import { insist } from "./insist.js";
import { keepBeating } from "./keep-beating.js";
import { keepClaim } from "./keep-claim.js";
import { reapLostRuns } from "./reaper.js";
import { createWakeUp } from "./wake-up.js";
import type { WorkerStorage } from "./worker-storage.js";

export interface SyncWorkerOptions {
  /** Executes the runs. Close it after the worker: what it runs when it is closed is cancelled. */
  readonly titan: Pick<TitanSync, "sync">;
  /** The storage of `titan`. */
  readonly storage: WorkerStorage;
  /** Where jobs are claimed. It stays open when the worker is closed. */
  readonly queue: JobQueue;
  /**
   * How many jobs are executed at once. From 2 on, one slot is kept for manual jobs.
   * @defaultValue two for each core, at most 16
   */
  readonly concurrency?: number | undefined;
  /** Who claims, as the queue shows it. @defaultValue the machine's name and the process id */
  readonly name?: string | undefined;
  /**
   * After this long, in milliseconds, a run gives its slot to others and goes on later. First loads and full passes give
   * it up sooner, after 10 seconds, if other syncs wait and no slot is free. @defaultValue 5 minutes
   */
  readonly stopAfterMs?: number | undefined;
  /** How long a claim lasts unless it is renewed, in milliseconds. @defaultValue 30 seconds, as long as a lease */
  readonly claimMs?: number | undefined;
  /** The longest time between two looks into the queue, in milliseconds. @defaultValue 5 seconds */
  readonly pollMs?: number | undefined;
  /** Closes the worker. */
  readonly signal?: AbortSignal | undefined;
  /** Told what ended the worker, if anything but `close` does, as soon as it begins to end. Must not throw. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue none */
  readonly logger?: Logger | undefined;
  /** From 0 to 1. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

/** A job that a worker has in hand. */
export interface JobInHand {
  /** Of the job; the run may be an earlier one that is continued. */
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly priority: JobPriority;
  /** When the worker claimed it, in epoch milliseconds. */
  readonly since: number;
}

/** One slot of a worker. */
export interface WorkerSlot {
  /** Whether it only takes manual jobs. */
  readonly manualOnly: boolean;
  /** `null` while it is free. */
  readonly job: JobInHand | null;
}

export interface WorkerStatus {
  readonly name: string;
  readonly slots: readonly WorkerSlot[];
  /** Whether it no longer claims jobs. */
  readonly isClosing: boolean;
}

/** Claims jobs from a queue and executes them, until it is closed. */
export interface SyncWorker extends AsyncDisposable {
  status(): WorkerStatus;
  /** Reports every event of the runs that this worker executes, until the returned function is called. */
  subscribe(listener: (event: SyncEvent) => void): () => void;
  /**
   * Claims no more jobs, hands all runs over in parallel and puts their jobs back into the queue. Resolves when that is
   * done, or after `deadlineMs`: what has not stopped by then still does when it can, or is continued by others once its
   * lease has expired. May be called twice.
   * @param options.deadlineMs - @defaultValue 8 seconds
   */
  close(options?: { readonly deadlineMs?: number | undefined }): Promise<void>;
  /**
   * Resolves when the worker was closed. Rejects if anything else ended it: with a {@link ConfigError} when the database
   * or the queue is of a version that this program does not work with, else because of a defect.
   */
  readonly finished: Promise<void>;
}

interface Slot {
  readonly manualOnly: boolean;
  job: JobInHand | null;
  /** Whether the job has to give way to those that do not count as bulk. */
  givesWay: boolean;
  /** Aborted when the job's run is to be handed over. */
  stop: AbortController;
  run: RunHandle | null;
  /** What it begins when its job has given way. */
  next: HeldJob | null;
  work: Promise<void>;
}

/** A claimed job whose claim is being renewed. */
interface HeldJob extends ClaimedJob {
  readonly stopRenewing: () => Promise<void>;
}

const optionsSchema = z.object({
  concurrency: z.int().min(1).max(1000),
  name: z.string().min(1),
  stopAfterMs: z.int().min(1000),
  claimMs: z.int().min(1000),
  pollMs: z.int().min(1),
});

/** Does not give way before: else it would only begin again and again. */
const shortestSliceMs = 10_000;
const firstPollMs = 250;
/** How often the database is checked: a newer program may have migrated it. */
const checkEveryMs = 10_000;
const defaultDeadlineMs = 8_000;

/**
 * Starts a worker, which begins to claim jobs at once. It also watches over the runs of all processes: those whose owner
 * died are continued, or ended with that as their cause. The queue and the storage may fail for a while: the worker
 * logs that and tries again. A database that this program does not work with, at the start or because it is migrated
 * meanwhile, ends the worker: it hands its runs over, and `finished` rejects with the {@link ConfigError}.
 * @throws {@link ConfigError} for invalid numbers.
 *
 * @example
 * const worker = createSyncWorker({ titan, storage, queue });
 * process.once("SIGTERM", async () => {
 *   await worker.close();
 *   await titan.close();
 * });
 */
export function createSyncWorker(options: SyncWorkerOptions): SyncWorker {
  const { titan, storage, queue, clock = systemClock, random = Math.random, signal } = options;
  const { concurrency, name, stopAfterMs, claimMs, pollMs } = check(options);
  const logger = harmlessLogger(options.logger ?? silentLogger);
  const stop = new AbortController();
  const closing = shared(stop.signal);
  const wakeUp = createWakeUp(clock);
  const listeners = new Set<(event: SyncEvent) => void>();
  const slots = Array.from(
    { length: concurrency },
    (_, index): Slot => ({
      manualOnly: concurrency > 1 && index === 0,
      job: null,
      givesWay: false,
      stop: new AbortController(),
      run: null,
      next: null,
      work: Promise.resolve(),
    }),
  );
  let hasDied = false;
  /** Resolved once the database was found to be usable. */
  const isUsable = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  finished.promise.catch(() => undefined);
  let ended = (): void => finished.resolve();
  const unsubscribe = queue.subscribe(wakeUp.call);

  function publish(event: SyncEvent): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        logger.warn(
          { runId: event.runId, code: errorCodeOf(error) },
          "a listener of the worker's events failed",
        );
      }
    }
  }

  function handOver(run: RunHandle): void {
    run.handOver().catch((error: unknown) => {
      logger.warn({ runId: run.id, code: errorCodeOf(error) }, "a run could not be handed over");
    });
  }

  async function execute(slot: Slot, { job }: ClaimedJob): Promise<JobVerdict> {
    const stopping = shared(slot.stop.signal);
    const onRun = (run: RunHandle): void => {
      slot.run = run;
      if (stopping.aborted) handOver(run);
    };
    const whole = { titan, storage, clock, logger, stopAfterMs };
    return await executeJob({ ...whole, closing: stopping, onRun, onEvent: publish }, job);
  }

  async function settle({ claimId, job }: ClaimedJob, verdict: JobVerdict): Promise<void> {
    const put = async (): Promise<boolean> => {
      if (verdict.kind === "done") return await queue.complete(claimId);
      const { afterMs, attempts, slices } = verdict;
      return await queue.requeue({ claimId, availableAt: clock.now() + afterMs, attempts, slices });
    };
    try {
      const isOurs = await insist(put, { clock, forMs: claimMs });
      if (!isOurs) logger.warn({ runId: job.runId }, "the claim of a job had ended before its work did");
    } catch (error) {
      logger.warn(
        { runId: job.runId, code: errorCodeOf(error) },
        "the queue did not take a job back: another worker claims it when its claim has ended",
      );
    }
  }

  function hold(claimed: ClaimedJob): HeldJob {
    const { claimId, job } = claimed;
    const stopRenewing = keepClaim({ queue, claimId, claimMs, runId: job.runId, clock, logger });
    return { ...claimed, stopRenewing };
  }

  async function work(slot: Slot, held: HeldJob): Promise<void> {
    try {
      await settle(held, await execute(slot, held));
    } finally {
      await held.stopRenewing();
      slot.job = null;
      slot.run = null;
    }
    const { next } = slot;
    slot.next = null;
    if (next === null) return wakeUp.call();
    if (closing.aborted) return await letGo(next);
    take(slot, next.job);
    await work(slot, next);
  }

  /** Its slot became free when the worker was closing. */
  async function letGo(held: HeldJob): Promise<void> {
    const { attempts, slices } = held.job;
    await settle(held, { kind: "again", afterMs: 0, attempts, slices });
    await held.stopRenewing();
  }

  function take(slot: Slot, job: QueuedJob): void {
    const { runId, credentialId, companyId, priority } = job;
    const since = clock.now();
    slot.job = { runId, credentialId, companyId, priority, since };
    slot.givesWay = priority === "bulk" && since - waitingSince(job) < agingMs;
    slot.stop = new AbortController();
  }

  function begin(slot: Slot, claimed: ClaimedJob): void {
    take(slot, claimed.job);
    slot.work = work(slot, hold(claimed));
    slot.work.catch(die);
  }

  /** The slot whose job has had its turn for the longest time, of those that are to give way. */
  function slotThatGivesWay(): Slot | null {
    const latest = clock.now() - shortestSliceMs;
    const [first] = slots
      .filter(({ job, givesWay, next }) => givesWay && next === null && job !== null && job.since <= latest)
      .sort((left, right) => (left.job?.since ?? 0) - (right.job?.since ?? 0));
    return first ?? null;
  }

  function giveWay(slot: Slot, claimed: ClaimedJob): void {
    slot.next = hold(claimed);
    slot.stop.abort();
    if (slot.run !== null) handOver(slot.run);
  }

  /** Claims a job for a free slot, or one that a job gives way in. @returns whether there was one. */
  async function claimOne(free: readonly Slot[]): Promise<boolean> {
    const isOnlyManual = free.every((slot) => slot.manualOnly);
    const givingWay = isOnlyManual ? slotThatGivesWay() : null;
    if (free.length === 0 && givingWay === null) return false;
    const claimed = await queue.claim({
      worker: name,
      claimMs,
      ...(isOnlyManual && { minPriority: givingWay === null ? ("manual" as const) : ("scheduled" as const) }),
    });
    if (claimed === null) return false;
    // A manual job leaves the slots that any job may take to others.
    const isManual = claimed.job.priority === "manual" || (isOnlyManual && givingWay === null);
    const slot =
      free.find(({ manualOnly }) => manualOnly === isManual) ??
      free.find((other) => isManual || !other.manualOnly);
    // Its job may have ended by itself meanwhile.
    const open = slot ?? (givingWay?.job === null ? givingWay : null);
    if (closing.aborted || (open === null && givingWay === null)) {
      const { attempts, slices } = claimed.job;
      await settle(claimed, { kind: "again", afterMs: 0, attempts, slices });
    } else if (open !== null) begin(open, claimed);
    else if (givingWay !== null) giveWay(givingWay, claimed);
    return true;
  }

  async function claimAll(): Promise<void> {
    let idleMs = firstPollMs;
    let failures = 0;
    let nextCheck = clock.now();
    while (!closing.aborted) {
      wakeUp.reset();
      const free = slots.filter(({ job }) => job === null);
      let found = false;
      try {
        if (clock.now() >= nextCheck) {
          await storage.checkSchema();
          nextCheck = clock.now() + checkEveryMs;
          isUsable.resolve();
        }
        found = await claimOne(free);
        failures = 0;
      } catch (error) {
        // It does not pass by itself.
        if (error instanceof ConfigError) throw error;
        failures += 1;
        logger.warn({ code: errorCodeOf(error) }, "no job could be claimed from the queue, trying again");
        await pause(Math.min(firstPollMs * 2 ** failures, 2 * pollMs));
        continue;
      }
      if (found) idleMs = firstPollMs;
      else if (await wakeUp.sleep(spread(idleMs), closing)) idleMs = firstPollMs;
      else idleMs = Math.min(2 * idleMs, pollMs);
    }
  }

  /** So that many workers do not ask at the same moment. */
  function spread(ms: number): number {
    return Math.ceil(ms * (0.75 + random() / 4));
  }

  async function pause(ms: number): Promise<void> {
    try {
      await clock.sleep(spread(ms), closing);
    } catch (error) {
      if (!closing.aborted) throw error;
    }
  }

  function die(error: unknown): void {
    if (hasDied) return;
    hasDied = true;
    if (error instanceof ConfigError) {
      const { code, message, hint } = error;
      logger.error(
        { code, reason: message, hint },
        "the worker stops: this program does not work with the database",
      );
    } else logger.error({ code: errorCodeOf(error) }, "the worker stopped because of a defect");
    options.onError?.(error);
    ended = () => finished.reject(error);
    obey();
  }

  const claiming = claimAll();
  claiming.catch(die);
  const reaping = orAborted(() => isUsable.promise, closing).then(
    () => reapLostRuns({ storage, queue, clock, logger, signal: closing }),
    () => undefined,
  );
  reaping.catch(die);
  const identity = thisWorker();
  const stopBeating = keepBeating({
    ...{ storage, clock, logger },
    beat: () => ({
      ...identity,
      name,
      slots: concurrency,
      busy: slots.filter(({ job }) => job !== null).length,
      isClosing: closing.aborted,
    }),
  });

  async function shutDown(deadlineMs: number): Promise<void> {
    stop.abort();
    unsubscribe();
    signal?.removeEventListener("abort", obey);
    for (const slot of slots) {
      slot.stop.abort();
      if (slot.run !== null) handOver(slot.run);
    }
    const timer = new AbortController();
    const late = clock.sleep(deadlineMs, timer.signal).catch(() => undefined);
    const all = Promise.allSettled([claiming, reaping, ...slots.map((slot) => slot.work)]).then(stopBeating);
    await Promise.race([late, all]);
    timer.abort();
    ended();
  }

  let closed: Promise<void> | null = null;
  async function close({
    deadlineMs = defaultDeadlineMs,
  }: Parameters<SyncWorker["close"]>[0] = {}): Promise<void> {
    closed ??= shutDown(deadlineMs);
    await closed;
  }
  function obey(): void {
    close().catch(die);
  }
  if (signal?.aborted === true) obey();
  signal?.addEventListener("abort", obey, { once: true });

  return {
    status: () => ({
      name,
      slots: slots.map(({ manualOnly, job }) => ({ manualOnly, job })),
      isClosing: closing.aborted,
    }),
    subscribe(listener) {
      // The same function may listen twice.
      const own = (event: SyncEvent): void => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    close,
    finished: finished.promise,
    [Symbol.asyncDispose]: () => close(),
  };
}

function check(options: SyncWorkerOptions): z.infer<typeof optionsSchema> {
  const parsed = optionsSchema.safeParse({
    concurrency: options.concurrency ?? Math.min(16, 2 * availableParallelism()),
    name: options.name ?? `${hostname()}:${pid}`,
    stopAfterMs: options.stopAfterMs ?? 300_000,
    claimMs: options.claimMs ?? 30_000,
    pollMs: options.pollMs ?? 5_000,
  });
  if (parsed.success) return parsed.data;
  throw new ConfigError(`Invalid worker options: ${issuesOf(parsed.error).join("; ")}.`);
}
