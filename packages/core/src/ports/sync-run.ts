import type { FeedName } from "../feeds/feed.js";
import type { ByRecordType } from "../records/record.js";
import type { TenantScope } from "./tenant.js";

/**
 * Which records a run is about: those of one driver feed, by its name, or `both` for every record type of the instance.
 * Open, so that a host's own record types go by their drivers.
 */
export type SyncData = "customers" | "invoices" | "both" | (string & {});
export type SyncMode = "incremental" | "full";
export type SyncType = "manual" | "scheduled";
/**
 * `lost` is a run that was running when its worker stopped renewing its lease: the next sync with an equal request
 * continues it, unless it is ended first.
 */
export type RunStatus = "queued" | "running" | "lost" | EndStatus;
/** How the work of a worker on a run ends. */
export type EndStatus = "completed" | "partial" | "failed" | "cancelled" | "paused";

export type RangeField = "modified" | "created" | "invoiced";

/** Which entities of the driver feeds a range run reads. */
export interface SyncRange {
  /** Inclusive instant, ISO 8601 in UTC; `null` is open. */
  readonly from: string | null;
  /** Exclusive instant, ISO 8601 in UTC; `null` is open. */
  readonly to: string | null;
  readonly by: RangeField;
}

/** The parameters of a run. A request with the same parameters continues a dead or paused run. */
export interface RunRequest {
  readonly data: SyncData;
  readonly mode: SyncMode;
  /** Include the API's most recent changes, which normally appear about 15 minutes late. */
  readonly fresh: boolean;
  /** Derive every record from landed entities, without the API. */
  readonly rederive: boolean;
  /** Check and derive rejected rows and records again, without the API. Absent if not requested. */
  readonly replay?: true | undefined;
  /** Read only these entities of the driver feeds; `null` continues from their cursors. */
  readonly range: SyncRange | null;
  /** Mark vanished entities as removed even if they are more than 5% of a feed. */
  readonly allowRemovals: boolean;
}

/** The figures of one feed. `read = landed + unchanged + superseded + suppressed + rejected`. */
export interface FeedFigures {
  readonly pages: number;
  readonly read: number;
  readonly landed: number;
  readonly unchanged: number;
  /** Older than the landed version, or repeated in the same page. */
  readonly superseded: number;
  /** Dropped before landing, because they belong to an erased customer on the suppression list. */
  readonly suppressed: number;
  readonly rejected: number;
}

/** The figures of one record type. `derived = delivered + unchanged + leftOut + rejected`. */
export interface RecordFigures {
  readonly derived: number;
  /** Removals included. */
  readonly delivered: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Neither delivered nor rejected: inactive invoices never delivered before, entities that are not landed. */
  readonly leftOut: number;
  readonly rejected: number;
  /** Delivered with a warning. */
  readonly warned: number;
  /**
   * Records by finding: `warned:<rule>`, and `empty:<column>` for each column without a value; a column that a
   * company's mapping adds is counted from 0 on. Sums name by name, as other figures do; absent where nothing was
   * found.
   */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export interface RunWarning {
  readonly code: string;
  readonly message: string;
  /** How often it occurred, if that can be counted. */
  readonly count: number | null;
}

export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** The process that works on a run, or did. */
export interface RunWorker {
  /** Unlike that of any other process. */
  readonly id: string;
  /** The name of its machine. */
  readonly host: string;
  /** The id of its process. */
  readonly pid: number;
  /** The version of the program that it runs. */
  readonly version: string;
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
  /** When its worker last gave a sign of life, or somebody else ended the run. */
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly feeds: Readonly<Record<FeedName, FeedFigures>>;
  /** The feed of which it last landed rows, or read a page without any; `null` before that. */
  readonly lastFeed: FeedName | null;
  readonly records: ByRecordType<RecordFigures>;
  readonly warnings: readonly RunWarning[];
  readonly error: RunFailure | null;
  /** How often an owner handed the run over to the next one, to be shut down. */
  readonly handedOver: number;
  /** The last worker that owned it; `null` if it is not known. */
  readonly worker: RunWorker | null;
}

/** Proof of owning a run. The fence grows with each owner; a write under an older fence is refused. */
export interface RunLease {
  readonly credentialId: string;
  readonly runId: string;
  readonly fence: number;
}
