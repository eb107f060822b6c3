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
  /** When it was queued, or last put back. */
  readonly queuedAt: number;
  /** Not claimed before this time: until then it rests. */
  readonly availableAt: number;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** How often the job gave up its slot after progress, or was handed over: more than 0 means its run is unfinished. */
  readonly slices: number;
  /** How many of its claims in a row ended by themselves, as they do when a worker dies. */
  readonly lostClaims: number;
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
   * - `merged`: an equal job of the credential was waiting. It takes over the higher priority, and if the new one is
   *   `manual`, it does not rest any longer. Or the queue has this job already.
   * - `waiting`: nothing was put into the queue, because `unlessWaiting` was requested and a job of the credential waits.
   */
  readonly outcome: "queued" | "merged" | "waiting";
}

/** Figures by the priority with which jobs were queued, whatever they have gained since. */
export interface JobQueueStats {
  /** Resting jobs included. */
  readonly waiting: Readonly<Record<JobPriority, number>>;
  /**
   * Since when the job waits that has waited longest of those that could be claimed now: not the time of its rest.
   * `null` if there is none.
   */
  readonly oldestWaitingSince: Readonly<Record<JobPriority, number | null>>;
  /** Jobs with a live claim. */
  readonly claimed: number;
}

/**
 * The syncs that wait for a worker. Every verb is atomic; any number of processes may use one queue. A job stays until
 * it is completed or removed: a claim that ends without either makes it available again. The queue only carries jobs;
 * that a credential's runs never overlap is the promise of the storage's leases.
 *
 * Jobs are claimed by priority, and within a priority round-robin by company: a company has its next turn after every
 * other company had one that has had a job to claim since. A company's jobs of a priority go in the order in which they
 * were queued or put back. A job that has waited for 15 minutes, its rest not counted, counts as one of the next
 * priority.
 *
 * A credential has one claimed job at a time. Its job that was begun last and is unfinished, because it has slices or
 * because its claim was lost, holds back the others of the credential; while it rests, only those that are not
 * `manual`.
 *
 * Removing a credential removes its jobs.
 */
export interface JobQueue {
  /**
   * @param options.transaction - The storage's open transaction, as {@link StartLedger.claimDueStarts} passes it: the
   * job then waits exactly if the transaction commits. If absent, the queue uses its own.
   * @throws {@link ConflictError} if the credential is unknown, or another job has this run id; {@link ConfigError} for
   * a transaction of another database.
   */
  enqueue(
    job: SyncJob,
    options?: { readonly unlessWaiting?: boolean | undefined; readonly transaction?: unknown },
  ): Promise<Enqueued>;
  /**
   * Claims the next job for `claimMs`; `null` if there is none that could be claimed.
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
   * Puts a claimed job back, behind the others of its company. Its waiting begins again.
   * @param params.slices - At least 1 if the job's run has begun and is unfinished.
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
  /**
   * A job in the queue, by its run id: it waits, or a worker has claimed it. Or a credential's: the claimed one, or else
   * the next one. `null` if there is none.
   */
  find(by: { readonly runId: string } | { readonly credentialId: string }): Promise<QueuedJob | null>;
  /** A job that waits, by its run id, or the next one of a credential; `null` if there is none. */
  findWaiting(by: { readonly runId: string } | { readonly credentialId: string }): Promise<QueuedJob | null>;
  /**
   * Waiting jobs in the order in which they would be claimed now if all of them could be. Later claims change the order:
   * a job may then be missing from all pages, or on two.
   */
  listWaiting(page: PageRequest): Promise<Page<QueuedJob>>;
  stats(): Promise<JobQueueStats>;
  /**
   * Calls the listener soon after jobs become available, also those that other processes enqueue where the queue can
   * tell; a hint that may be missed, so workers also poll. The listener must not throw. Returns a function that ends it.
   */
  subscribe(listener: () => void): () => void;
  /** Releases what the queue opened. Waiting jobs stay, if the queue outlives the process. May be called twice. */
  close(): Promise<void>;
}
