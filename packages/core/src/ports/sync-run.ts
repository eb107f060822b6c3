import type { FeedName } from "../feeds/feed.js";
import type { ByRecordType } from "../records/record.js";
import type { TenantScope } from "./tenant.js";

export type SyncData = "customers" | "invoices" | "both";
export type SyncMode = "incremental" | "full";
export type SyncType = "manual" | "scheduled";
export type RunStatus = "queued" | "running" | "completed" | "partial" | "failed" | "cancelled" | "paused";

export type RangeField = "modified" | "created" | "invoiced";

/** Which entities of the driver feeds a range run reads. */
export interface SyncRange {
  /** Inclusive instant, ISO 8601 in UTC; `null` is open. */
  readonly from: string | null;
  /** Exclusive instant, ISO 8601 in UTC; `null` is open. */
  readonly to: string | null;
  readonly by: RangeField;
}

/** What a run was asked to do. A dead or paused run is continued by an equal request. */
export interface RunRequest {
  readonly data: SyncData;
  readonly mode: SyncMode;
  /** Read on with the API's most recent changes, which normally appear about 15 minutes late. */
  readonly fresh: boolean;
  /** Derive every record from what is landed, without the API. */
  readonly rederive: boolean;
  /** Check and derive again what was rejected, without the API. Absent where it is not asked for. */
  readonly replay?: true | undefined;
  /** Read only these entities of the driver feeds; `null` reads what their cursors say. */
  readonly range: SyncRange | null;
  /** Mark vanished entities removed even when they are more than 5 % of a feed. */
  readonly allowRemovals: boolean;
}

/** What was read of one feed. `read = landed + unchanged + superseded + suppressed + rejected`. */
export interface FeedFigures {
  readonly pages: number;
  readonly read: number;
  readonly landed: number;
  readonly unchanged: number;
  /** Older than what was landed before, or repeated in the same page. */
  readonly superseded: number;
  /** Dropped before landing: they are an erased customer's, who is on the suppression list. */
  readonly suppressed: number;
  readonly rejected: number;
}

/** What became of one record type. `derived = delivered + unchanged + leftOut + rejected`. */
export interface RecordFigures {
  readonly derived: number;
  /** Removals included. */
  readonly delivered: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Neither delivered nor wrong: inactive invoices never delivered before, entities that are not landed. */
  readonly leftOut: number;
  readonly rejected: number;
  /** Delivered with a warning. */
  readonly warned: number;
  /**
   * Records by what was found in them: `warned:<rule>`, and `empty:<column>` for each column without a value; a
   * column that a company's mapping adds is counted from 0 on. Sums name by name, as other figures do; absent where
   * nothing was found.
   */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export interface RunWarning {
  readonly code: string;
  readonly message: string;
  /** How often, where that can be counted. */
  readonly count: number | null;
}

export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** One run as it is stored: the sync log. Times are epoch milliseconds by the storage's clock. */
export interface StoredRun {
  readonly id: string;
  readonly credentialId: string;
  readonly scope: TenantScope;
  readonly type: SyncType;
  readonly request: RunRequest;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly feeds: Readonly<Record<FeedName, FeedFigures>>;
  readonly records: ByRecordType<RecordFigures>;
  readonly warnings: readonly RunWarning[];
  readonly error: RunFailure | null;
}

/** Proof of owning a run. The fence grows with each owner; a write under an older fence is refused. */
export interface RunLease {
  readonly credentialId: string;
  readonly runId: string;
  readonly fence: number;
}
