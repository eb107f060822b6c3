import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type {
  FeedFigures,
  RecordFigures,
  RunFailure,
  RunStatus,
  RunWarning,
  SyncData,
  SyncMode,
} from "./sync-run.js";

/** What every event carries. */
export interface EventBase {
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How fast it goes, and how much is left. */
export interface Throughput {
  /** Since this owner of the run began with the feed or record type; `null` until time has passed. */
  readonly rowsPerSecond: number | null;
  /** How many there are in all, where that is known: of a feed where the API tells, of records once all are listed. */
  readonly total: number | null;
  /** An estimate, where the total is known. */
  readonly secondsLeft: number | null;
}

/** The run has its lease. */
export interface RunStartEvent extends EventBase {
  readonly event: "run:start";
  readonly data: SyncData;
  readonly mode: SyncMode;
  readonly resumed: boolean;
  /** Whether it changes nothing and counts nowhere. */
  readonly dryRun: boolean;
  /** Whether it derives all records again from what is landed, without the API. */
  readonly rederive: boolean;
  /** Whether it looks only at rejections again, without the API. */
  readonly replay: boolean;
}

/** A feed begins to be read. */
export interface FeedStartEvent extends EventBase {
  readonly event: "feed:start";
  readonly feed: FeedName;
}

/** A page has arrived and was parsed. */
export interface PageReadEvent extends EventBase, Throughput {
  readonly event: "page:read";
  readonly feed: FeedName;
  readonly rows: number;
}

/**
 * Rows differ from what ServiceTitan documents: a change of its API, of which each field is told once a run.
 * Rows are landed all the same, as long as the fields that records use keep their types.
 */
export interface SchemaDriftEvent extends EventBase {
  readonly event: "schema:drift";
  readonly feed: FeedName;
  /** Fields that are not documented. */
  readonly unknown: readonly string[];
  /** Fields that are documented as always there, and were not. */
  readonly missing: readonly string[];
}

/** A page, or a part of one, has committed. */
export interface BatchLandedEvent extends EventBase, Throughput {
  readonly event: "batch:landed";
  readonly feed: FeedName;
  /** Of this run so far. */
  readonly figures: FeedFigures;
}

/** A feed was read to its end, or given up. */
export interface FeedEndEvent extends EventBase {
  readonly event: "feed:end";
  readonly feed: FeedName;
  readonly outcome: "drained" | "degraded" | "failed";
  readonly figures: FeedFigures;
}

/** Records have been derived, delivered and settled. */
export interface BatchDeliveredEvent extends EventBase, Throughput {
  readonly event: "batch:delivered";
  readonly record: RecordType;
  /** Of this run so far. */
  readonly figures: RecordFigures;
}

/** The run waits for ServiceTitan, for more than ten seconds. It goes on by itself. */
export interface RunWaitEvent extends EventBase {
  readonly event: "run:wait";
  /** Epoch milliseconds; another event follows when the wait turns out to be longer. */
  readonly until: number;
  /** ServiceTitan asked to send less, or did not answer several requests in a row. */
  readonly reason: "throttled" | "circuit-open";
}

/** Something a person should know; the run goes on. */
export interface RunWarningEvent extends EventBase {
  readonly event: "run:warning";
  readonly warning: RunWarning;
}

/** The last event of a run. */
export interface RunEndEvent extends EventBase {
  readonly event: "run:end";
  readonly status: RunStatus;
  /** Derived records. */
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  readonly unchanged: number;
  readonly durationMs: number;
  readonly warnings: readonly RunWarning[];
  readonly error: RunFailure | null;
}

export type SyncEvent =
  | RunStartEvent
  | FeedStartEvent
  | PageReadEvent
  | SchemaDriftEvent
  | BatchLandedEvent
  | FeedEndEvent
  | BatchDeliveredEvent
  | RunWaitEvent
  | RunWarningEvent
  | RunEndEvent;
