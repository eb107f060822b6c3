import type { Page, PageRequest } from "./page.js";
import type { RunStatus, StoredRun, SyncData, SyncType } from "./sync-run.js";

export interface RunFilter {
  readonly companyId?: string | undefined;
  /** Filters by these companies; an empty list matches nothing. */
  readonly companyIds?: readonly string[] | undefined;
  readonly credentialId?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly type?: SyncType | undefined;
  readonly data?: SyncData | undefined;
  /** Started at or after, in epoch milliseconds. */
  readonly from?: number | undefined;
  /** Started before, in epoch milliseconds. */
  readonly to?: number | undefined;
}

/** How runs performed. Only runs that have ended count; paused runs have not ended. */
export interface RunMetrics {
  readonly runs: number;
  /** Share of `completed` and `partial` runs, from 0 to 1; `null` without runs. */
  readonly successRate: number | null;
  /** The median duration of successful runs, in milliseconds; `null` without one. */
  readonly p50DurationMs: number | null;
  /** The 95th percentile of the same durations. */
  readonly p95DurationMs: number | null;
  /** Rows read per second in all successful runs together; `null` without one. */
  readonly rowsPerSecond: number | null;
}

/** Sums over runs that have ended. Durations and rows are those of successful runs. */
export interface RunTotals {
  readonly runs: number;
  /** Runs with one of the `successfulStatuses` of `@titan-sync/core/support`. */
  readonly succeeded: number;
  /** Rows read from all feeds. */
  readonly rowsRead: number;
  /** The durations together, in milliseconds. */
  readonly durationMs: number;
  /** The median duration, by the `percentileRank` of `@titan-sync/core/support`; `null` without a successful run. */
  readonly p50DurationMs: number | null;
  /** The 95th percentile of the same durations. */
  readonly p95DurationMs: number | null;
}

/** How the runs of one credential that started on one day performed. Only runs that have ended count. */
export interface DailyRunMetrics {
  readonly credentialId: string;
  /** The date in UTC: `2026-01-31`. */
  readonly day: string;
  readonly runs: number;
  /** `completed` and `partial` runs. */
  readonly succeeded: number;
  /** Rows read from all feeds. */
  readonly rowsRead: number;
  /** Derived records, and how many of them were rejected. */
  readonly derived: number;
  readonly rejected: number;
  /** The median duration of successful runs, in milliseconds; `null` without one. */
  readonly p50DurationMs: number | null;
}

/** The current lease of a credential, or its last one if that expired without being released. */
export interface LeaseState {
  readonly runId: string;
  /** Milliseconds until the lease expires, by the storage's clock; negative after it has expired. */
  readonly endsInMs: number;
}

/** The sync log: the history of runs, and the state of leases. Only reads. */
export interface RunHistory {
  /**
   * By its id, or by an accepted id that it fulfills: see {@link RunStore.recordAcceptedRun}. A superseded run is found
   * until the run that does its work has begun; then that one is, by either id.
   */
  findRun(id: string): Promise<StoredRun | null>;
  /**
   * The id of the run that fulfills an accepted id, through any number of steps, whether it has begun or not. `null` if
   * {@link RunStore.recordAcceptedRun} stored nothing for it.
   */
  findAcceptedRun(acceptedId: string): Promise<string | null>;
  /** A credential's running or paused run; `null` if there is none. */
  findCurrentRun(credentialId: string): Promise<StoredRun | null>;
  /** Newest first. */
  listRuns(filter: RunFilter, page: PageRequest): Promise<Page<StoredRun>>;
  /** `null` if nobody holds the credential's lease and none has expired without being released. */
  findLease(credentialId: string): Promise<LeaseState | null>;
  sumRuns(filter: RunFilter): Promise<RunTotals>;
  /** Metrics by credential and day; days without runs are left out. Times are epoch milliseconds. */
  dailyRunMetrics(params: {
    readonly credentialIds: readonly string[];
    /** Started at or after. */
    readonly from: number;
    /** Started before. */
    readonly to: number;
  }): Promise<readonly DailyRunMetrics[]>;
}
