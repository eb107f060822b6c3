import { randomUUID } from "node:crypto";
import { systemClock } from "../async/system-clock.js";
import { credentialUnknown, runIdTaken } from "../conflicts.js";
import { ConfigError } from "../errors.js";
import {
  isHeldBack,
  isResting,
  nextOfCredential,
  rankNow,
  rankOf,
  unfinishedJobs,
  type WaitingJob,
  waitingSince,
} from "../job-queue/claim-order.js";
import { JobListeners } from "../job-queue/job-listeners.js";
import { isSameRequest } from "../job-queue/job-request.js";
import { byPriority, listWaiting } from "../job-queue/list-waiting.js";
import type { Clock } from "../ports/clock.js";
import type { Enqueued, JobPriority, JobQueue, QueuedJob, SyncJob } from "../ports/job-queue.js";
import type { Storage } from "../ports/storage.js";
import { MemoryDatabase } from "./memory-database.js";
import { MemoryTransaction } from "./memory-transaction.js";

export interface MemoryJobQueueOptions {
  /**
   * A {@link memoryStorage}: jobs of a credential that is removed are removed, and its transactions can enqueue.
   * @defaultValue none: jobs of removed credentials stay until they are claimed
   */
  readonly storage?: Storage | undefined;
  /** The queue's clock. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

interface Claim {
  readonly id: string;
  endsAt: number;
}

/** A job as it is kept. A claim that has ended stays until the next one replaces it. */
interface KeptJob extends QueuedJob, WaitingJob {
  readonly claim: Claim | null;
}

/**
 * Keeps waiting jobs in this process's memory: they are gone when the process ends. Instances of one process that are
 * given the same queue share it.
 *
 * @throws {@link ConfigError} for a storage that is not in memory.
 *
 * @example
 * const storage = memoryStorage();
 * const queue = memoryJobQueue({ storage });
 */
export function memoryJobQueue({ storage, clock = systemClock }: MemoryJobQueueOptions = {}): JobQueue {
  const database = databaseOf(storage);
  const listeners = new JobListeners();
  const jobs = new Map<string, KeptJob>();
  const lastTurns = new Map<string, number>();
  /** Of places, turns and claims: whatever gets a number later has a higher one. */
  let lastNumber = 0;

  database?.whenCredentialRemoved((credentialId) => {
    for (const job of jobs.values()) if (job.credentialId === credentialId) jobs.delete(job.runId);
  });

  function nextNumber(): number {
    lastNumber += 1;
    return lastNumber;
  }

  const lastTurn = (rank: number, companyId: string): number => lastTurns.get(`${rank} ${companyId}`) ?? 0;
  const isClaimed = ({ claim }: KeptJob): boolean => claim !== null && claim.endsAt > clock.now();
  const waiting = (): readonly KeptJob[] => [...jobs.values()].filter((job) => !isClaimed(job));
  const waitingOf = (credentialId: string): readonly KeptJob[] =>
    waiting().filter((job) => job.credentialId === credentialId);

  function findClaimed(claimId: string): (KeptJob & { readonly claim: Claim }) | null {
    for (const job of jobs.values()) {
      if (job.claim?.id === claimId && isClaimed(job)) return { ...job, claim: job.claim };
    }
    return null;
  }

  function claimable(): readonly KeptJob[] {
    const now = clock.now();
    const busy = new Set([...jobs.values()].filter(isClaimed).map((job) => job.credentialId));
    const free = waiting();
    const unfinished = unfinishedJobs(free);
    return free.filter(
      (job) =>
        !busy.has(job.credentialId) &&
        !isResting(job, now) &&
        !isHeldBack(job, unfinished.get(job.credentialId), now),
    );
  }

  function add(job: SyncJob): void {
    if (database?.hasCredential(job.credentialId) === false) return;
    const now = clock.now();
    jobs.set(job.runId, {
      ...job,
      queuedAt: now,
      availableAt: now,
      attempts: 0,
      slices: 0,
      lostClaims: 0,
      place: nextNumber(),
      begun: null,
      claim: null,
    });
    listeners.call();
  }

  /** Does nothing for a job that no longer waits: a worker is at it, or somebody removed it. */
  function merge(runId: string, { priority }: SyncJob): void {
    const job = jobs.get(runId);
    if (job === undefined || isClaimed(job)) return;
    const now = clock.now();
    const isWoken = priority === "manual" && isResting(job, now);
    jobs.set(runId, {
      ...job,
      priority: rankOf(priority) < rankOf(job.priority) ? priority : job.priority,
      availableAt: isWoken ? now : job.availableAt,
    });
    listeners.call();
  }

  /** What becomes of a job, and how. Nothing has changed yet. */
  function decide(job: SyncJob, unlessWaiting: boolean): { readonly answer: Enqueued; write(): void } {
    const { runId, credentialId } = job;
    const nothing = (): void => undefined;
    const same = jobs.get(runId);
    if (same !== undefined) {
      if (same.credentialId === credentialId && isSameRequest(same, job)) {
        return { answer: { runId, outcome: "merged" }, write: nothing };
      }
      throw runIdTaken(runId);
    }
    if (database?.hasCredential(credentialId) === false) {
      throw credentialUnknown();
    }
    const now = clock.now();
    const others = waitingOf(credentialId);
    const next = nextOfCredential(others, now);
    if (unlessWaiting && next !== null) {
      return { answer: { runId: next.runId, outcome: "waiting" }, write: nothing };
    }
    const equal = nextOfCredential(
      others.filter((other) => isSameRequest(other, job)),
      now,
    );
    if (equal === null) return { answer: { runId, outcome: "queued" }, write: () => add(job) };
    return { answer: { runId: equal.runId, outcome: "merged" }, write: () => merge(equal.runId, job) };
  }

  return {
    async enqueue(job, { unlessWaiting = false, transaction } = {}) {
      const { answer, write } = decide({ ...job }, unlessWaiting);
      if (transaction === undefined) write();
      else if (database !== null && transaction instanceof MemoryTransaction) transaction.onCommit(write);
      else {
        throw new ConfigError("The queue is not in the database of this transaction.", {
          hint: "Give `memoryJobQueue` the storage, or use the queue that belongs to the storage.",
        });
      }
      return answer;
    },

    async claim({ claimMs, minPriority = "bulk" }) {
      const now = clock.now();
      const [first] = claimable()
        .map((job) => {
          const rank = rankNow(job, now);
          return { job, rank, turn: lastTurn(rank, job.companyId) };
        })
        .filter(({ rank }) => rank <= rankOf(minPriority))
        .sort(
          (left, right) =>
            left.rank - right.rank || left.turn - right.turn || left.job.place - right.job.place,
        );
      if (first === undefined) return null;
      const { job, rank } = first;
      const number = nextNumber();
      lastTurns.set(`${rank} ${job.companyId}`, number);
      const claim = { id: randomUUID(), endsAt: now + claimMs };
      const lostClaims = job.claim === null ? job.lostClaims : job.lostClaims + 1;
      const claimed = { ...job, lostClaims, begun: number, claim };
      jobs.set(job.runId, claimed);
      return { job: toQueuedJob(claimed), claimId: claim.id };
    },

    async renewClaim({ claimId, claimMs }) {
      const claim = findClaimed(claimId)?.claim;
      if (claim === undefined) return false;
      claim.endsAt = clock.now() + claimMs;
      return true;
    },

    async complete(claimId) {
      const job = findClaimed(claimId);
      if (job === null) return false;
      jobs.delete(job.runId);
      listeners.call();
      return true;
    },

    async requeue({ claimId, availableAt, attempts, slices }) {
      const job = findClaimed(claimId);
      if (job === null) return false;
      jobs.set(job.runId, {
        ...job,
        queuedAt: clock.now(),
        availableAt: Math.max(availableAt, clock.now()),
        attempts,
        slices,
        lostClaims: 0,
        place: nextNumber(),
        begun: slices > 0 ? job.begun : null,
        claim: null,
      });
      listeners.call();
      return true;
    },

    async remove(runId) {
      const job = jobs.get(runId);
      if (job === undefined || isClaimed(job)) return false;
      jobs.delete(runId);
      listeners.call();
      return true;
    },

    async find(by) {
      const found =
        "runId" in by
          ? jobs.get(by.runId)
          : ([...jobs.values()].find((job) => job.credentialId === by.credentialId && isClaimed(job)) ??
            nextOfCredential(waitingOf(by.credentialId), clock.now()));
      return found === undefined || found === null ? null : toQueuedJob(found);
    },

    async findWaiting(by) {
      const found =
        "runId" in by
          ? waiting().find((job) => job.runId === by.runId)
          : nextOfCredential(waitingOf(by.credentialId), clock.now());
      return found === undefined || found === null ? null : toQueuedJob(found);
    },

    async listWaiting(page) {
      return listWaiting(waiting(), page, { lastTurn, now: clock.now(), item: toQueuedJob });
    },

    async stats() {
      const free = waiting();
      const ready = claimable();
      const of = (list: readonly KeptJob[], priority: JobPriority) =>
        list.filter((job) => job.priority === priority);
      const since = (priority: JobPriority): number | null => {
        const times = of(ready, priority).map(waitingSince);
        return times.length === 0 ? null : Math.min(...times);
      };
      return {
        waiting: byPriority((priority) => of(free, priority).length),
        oldestWaitingSince: byPriority(since),
        claimed: jobs.size - free.length,
      };
    },

    subscribe: (listener) => listeners.add(listener),

    async close() {
      listeners.clear();
    },
  };
}

function databaseOf(storage: Storage | undefined): MemoryDatabase | null {
  if (storage === undefined) return null;
  if (storage.database instanceof MemoryDatabase) return storage.database;
  throw new ConfigError("storage must be what `memoryStorage` returned.", {
    hint: "Use the queue that is made for the storage.",
  });
}

function toQueuedJob({ place: _place, begun: _begun, claim: _claim, ...job }: KeptJob): QueuedJob {
  return job;
}
