import type { Page, PageRequest } from "./page.js";
import type { RunStatus, StoredRun, SyncData, SyncType } from "./sync-run.js";

export interface RunFilter {
  readonly companyId?: string | undefined;
  /** Only those of these companies; of none when there are none. */
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

/** How runs performed. Only runs that have ended count; paused ones have not. */
export interface RunMetrics {
  readonly runs: number;
  /** Share of `completed` and `partial` runs, from 0 to 1; `null` without runs. */
  readonly successRate: number | null;
  /** Of the runs that succeeded, in milliseconds; `null` without one. */
  readonly p50DurationMs: number | null;
  readonly p95DurationMs: number | null;
  /** Rows read per second over the runs that succeeded; `null` without one. */
  readonly rowsPerSecond: number | null;
}

/** What the runs of one credential that started on one day did. Only runs that have ended count. */
export interface DailyRunMetrics {
  readonly credentialId: string;
  /** In UTC: `2026-01-31`. */
  readonly day: string;
  readonly runs: number;
  /** `completed` and `partial` ones. */
  readonly succeeded: number;
  /** Rows read of all feeds. */
  readonly rowsRead: number;
  /** Derived records, and those of them that were rejected. */
  readonly derived: number;
  readonly rejected: number;
  /** Of the runs that succeeded, the middle one, in milliseconds; `null` without one. */
  readonly p50DurationMs: number | null;
}

/** The lease of a credential that somebody has, or had until it expired. */
export interface LeaseState {
  readonly runId: string;
  /** By the storage's clock; negative since it has expired. */
  readonly endsInMs: number;
}

/** The sync log: what runs did, and who has a credential's lease. Reads only. */
export interface RunHistory {
  findRun(id: string): Promise<StoredRun | null>;
  /** The run of a credential that is running or paused; `null` when there is none. */
  findCurrentRun(credentialId: string): Promise<StoredRun | null>;
  /** Newest first. */
  listRuns(filter: RunFilter, page: PageRequest): Promise<Page<StoredRun>>;
  /** `null` while nobody has it, and nobody left it behind. */
  findLease(credentialId: string): Promise<LeaseState | null>;
  runMetrics(filter: RunFilter): Promise<RunMetrics>;
  /** By credential and day; days without runs are left out. Times are epoch milliseconds. */
  dailyRunMetrics(params: {
    readonly credentialIds: readonly string[];
    /** Started at or after. */
    readonly from: number;
    /** Started before. */
    readonly to: number;
  }): Promise<readonly DailyRunMetrics[]>;
}
