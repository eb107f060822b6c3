import type { Page, PageRequest } from "./page.js";
import type { DispatchedSync } from "./run-dispatcher.js";

/**
 * The order in which waiting jobs are claimed: `manual` before `scheduled` before `bulk` (first loads and full passes).
 * A job that waits gains one priority every 15 minutes.
 */
export type JobPriority = "manual" | "scheduled" | "bulk";

/** A sync to be executed by a worker. Its kind is its whole request: two jobs with the same request do the same. */
export interface SyncJob extends DispatchedSync {
  readonly priority: JobPriority;
}

/** A job that waits, or that a worker has claimed. Times are epoch milliseconds by the queue's clock. */
export interface QueuedJob extends SyncJob {
  readonly queuedAt: number;
  /** Not claimed before this time. */
  readonly availableAt: number;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** How often the job gave up its slot after progress, or was handed over: more than 0 means its run is unfinished. */
  readonly slices: number;
}

/** A job that one worker executes. The claim ends when it is not renewed in time. */
export interface ClaimedJob {
  readonly job: QueuedJob;
  /** Identifies the claim; a later claim of the same job has another one. */
  readonly claimId: string;
}

/** The outcome of putting a job into the queue. */
export interface Enqueued {
  /** The run id under which the job waits; that of an earlier job if the new one was merged into it. */
  readonly runId: string;
  /**
   * - `queued`: the job waits.
   * - `merged`: an equal job of the credential was waiting. It takes over the higher priority, and if the new job is
   *   manual, it does not rest any longer.
   * - `waiting`: nothing was put into the queue, because `unlessWaiting` was requested and a job of the credential waits.
   */
  readonly outcome: "queued" | "merged" | "waiting";
}

export interface JobQueueStats {
  readonly waiting: Readonly<Record<JobPriority, number>>;
  /** When the job that has waited longest was queued; `null` if no job of the priority waits. */
  readonly oldestQueuedAt: Readonly<Record<JobPriority, number | null>>;
  /** Jobs with a live claim. */
  readonly claimed: number;
}

/**
 * The syncs that wait for a worker. Every verb is atomic; any number of processes may use one queue. A job stays until
 * it is completed or removed: a claim that ends without either makes it available again. The queue only carries jobs;
 * that a credential's runs never overlap is the promise of the storage's leases.
 *
 * Jobs are claimed by priority, and within a priority round-robin by company: a company's next job comes after each
 * other company with waiting jobs had one. A credential has one claimed job at a time, and while a job of it has slices
 * and does not rest, no other job of the credential is claimed. While it rests, only manual jobs are.
 *
 * Removing a credential removes its jobs.
 */
export interface JobQueue {
  /**
   * @param transaction - The storage's open transaction, as {@link ScheduleStore.claimDueStarts} passes it: the job then
   * waits exactly if the transaction commits. If absent, the queue uses its own.
   */
  enqueue(
    job: SyncJob,
    options?: { readonly unlessWaiting?: boolean | undefined; readonly transaction?: unknown },
  ): Promise<Enqueued>;
  /**
   * Claims the next available job for `claimMs`; `null` if there is none.
   * @param params.worker - Who claims it, to be shown.
   */
  claim(params: {
    readonly worker: string;
    readonly claimMs: number;
    /** Only jobs that have at least this priority now. @defaultValue "bulk" */
    readonly minPriority?: JobPriority | undefined;
  }): Promise<ClaimedJob | null>;
  /** @returns `false` when the claim has ended. */
  renewClaim(params: { readonly claimId: string; readonly claimMs: number }): Promise<boolean>;
  /** Takes a claimed job off the queue. @returns `false`, with nothing changed, when the claim has ended. */
  complete(claimId: string): Promise<boolean>;
  /**
   * Puts a claimed job back, at the end of its company's turn.
   * @returns `false`, with nothing changed, when the claim has ended.
   */
  requeue(params: {
    readonly claimId: string;
    readonly availableAt: number;
    readonly attempts: number;
    readonly slices: number;
  }): Promise<boolean>;
  /** Removes a job that waits. @returns `false` when none with this run id does. */
  remove(runId: string): Promise<boolean>;
  /** A job that waits, by its run id, or the next one of a credential; `null` if there is none. */
  findWaiting(by: { readonly runId: string } | { readonly credentialId: string }): Promise<QueuedJob | null>;
  /** Waiting jobs in the order in which they would be claimed now, whether they rest or not. */
  listWaiting(page: PageRequest): Promise<Page<QueuedJob>>;
  stats(): Promise<JobQueueStats>;
  /**
   * Calls the listener soon after jobs become available, also those that other processes enqueue where the queue can
   * tell; a hint that may be missed, so workers also poll. Returns a function that ends it.
   */
  subscribe(listener: () => void): () => void;
  /** Releases what the queue opened. Waiting jobs stay, if the queue outlives the process. May be called twice. */
  close(): Promise<void>;
}
