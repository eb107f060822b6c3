import type { StoredCredentialState } from "./credential-state.js";
import type { Enqueued, SyncJob } from "./job-queue.js";
import type { Page, PageRequest } from "./page.js";
import type { ScheduledStart, StoredSchedule } from "./schedule-store.js";

/**
 * What happened at a nominal start.
 * - `queued`: a sync was put into the queue in time.
 * - `delayed`: the same, but late, because too many syncs were due at once.
 * - `skipped`: nothing was started, for a reason.
 * - `missed`: no scheduler was running. One sync catches up with all missed starts of a schedule.
 */
export type StartOutcome = "queued" | "delayed" | "skipped" | "missed";

/**
 * Why a start was skipped: `quiet-day` and `outside-window` by the schedule itself, `paused` by a person, `refused`
 * because ServiceTitan refuses the credential, `overlap` because a sync of the credential was waiting already, `changed`
 * because the schedule was changed or disabled before it was decided.
 */
export type SkipReason = "quiet-day" | "outside-window" | "paused" | "refused" | "overlap" | "changed";

/** One nominal start and its outcome, or several in a row that were skipped or missed alike. Times are epoch milliseconds. */
export interface StartLedgerEntry {
  readonly nominalAt: number;
  /** The last of several in a row; equal to `nominalAt` if it is only one. */
  readonly lastNominalAt: number;
  /** How many nominal starts these are. */
  readonly count: number;
  readonly outcome: StartOutcome;
  /** Only for `skipped`. */
  readonly reason: SkipReason | null;
  /** When the sync was to start: the nominal instant and the jitter, of the last one of several. */
  readonly runAt: number;
  /** The run that was started, or that catches up or was waiting; `null` without one. `findRun` finds it by this id. */
  readonly runId: string | null;
  readonly decidedAt: number;
}

export interface StoredStart extends StartLedgerEntry {
  readonly credentialId: string;
  readonly companyId: string;
}

/** The sync that catches up with missed starts. */
export interface CatchUp {
  readonly runId: string;
  /** When it starts, in epoch milliseconds, unless a nominal start comes first. */
  readonly runAt: number;
}

/** A time in which no scheduler was running, in epoch milliseconds. */
export interface Outage {
  /** The last sign of a scheduler before it. */
  readonly from: number;
  /** The first sign of one after it. */
  readonly until: number;
}

/** A schedule whose next start or catch-up is due, and what decides about it. */
export interface DueSchedule {
  readonly schedule: StoredSchedule;
  readonly catchUp: CatchUp | null;
  readonly state: Pick<StoredCredentialState, "connection" | "runs" | "pause" | "resumedAt">;
}

/** What is to be stored for a due schedule. */
export interface StartDecision {
  /** Oldest first, without gaps from `decidedUntil` on. Those with a job have its run id. */
  readonly entries: readonly StartLedgerEntry[];
  readonly decidedUntil: number;
  /** `null` when no start ever comes. */
  readonly next: ScheduledStart | null;
  readonly catchUp: CatchUp | null;
  /** To be enqueued with `unlessWaiting`. */
  readonly job: SyncJob | null;
}

export interface ClaimedStarts {
  readonly entries: readonly StoredStart[];
  /** How many due schedules were decided; fewer than the limit if no more are due now. */
  readonly schedules: number;
}

/** The start ledger: the outcome of every nominal start. Kept for 14 days, and removed with its credential. */
export interface StartLedger {
  /**
   * Decides about due schedules, the longest overdue first. In one transaction, the schedules advance, their entries are
   * written and their jobs enqueued, so that each nominal start has exactly one outcome, however many schedulers there
   * are and wherever they die. Schedulers take turns.
   */
  claimDueStarts(params: {
    /** Now, in epoch milliseconds. */
    readonly at: number;
    readonly limit: number;
    /** Jobs that may be enqueued in any minute; schedules beyond that remain due. */
    readonly maxPerMinute: number;
    /** After how many milliseconds without a call of this method there was an outage. */
    readonly outageAfterMs: number;
    /** Pure: it is called again if the transaction is repeated. */
    readonly decide: (due: DueSchedule, outage: Outage | null) => StartDecision;
    readonly enqueue: (job: SyncJob, transaction: unknown) => Promise<Enqueued>;
  }): Promise<ClaimedStarts>;
  /** A credential's entries, newest first. */
  listStarts(filter: { readonly credentialId: string }, page: PageRequest): Promise<Page<StoredStart>>;
  /** The last call of {@link StartLedger.claimDueStarts} of any process, in epoch milliseconds; `null` before the first. */
  findLastTick(): Promise<number | null>;
}
