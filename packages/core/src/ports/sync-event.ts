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

/** How fast the run progresses, and how much is left. */
export interface Throughput {
  /** Average since this owner of the run started the feed or record type; `null` until time has passed. */
  readonly rowsPerSecond: number | null;
  /** The total, if known: for a feed if the API reports it, for records once all are queued. */
  readonly total: number | null;
  /** An estimate, if the total is known. */
  readonly secondsLeft: number | null;
}

/** The run has its lease. */
export interface RunStartEvent extends EventBase {
  readonly event: "run:start";
  readonly data: SyncData;
  readonly mode: SyncMode;
  readonly resumed: boolean;
  /** Whether the run changes nothing and is not counted. */
  readonly dryRun: boolean;
  /** Whether it derives all records again from what is landed, without the API. */
  readonly rederive: boolean;
  /** Whether it looks only at rejections again, without the API. */
  readonly replay: boolean;
}

/** The run starts to read a feed. */
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
 * Rows differ from ServiceTitan's documentation: its API has changed. Each field is reported once per run. Rows are
 * still landed, as long as the fields that records use keep their types.
 */
export interface SchemaDriftEvent extends EventBase {
  readonly event: "schema:drift";
  readonly feed: FeedName;
  /** Fields that are not documented. */
  readonly unknown: readonly string[];
  /** Fields that are documented as always present but were missing. */
  readonly missing: readonly string[];
}

/** A page, or a part of one, has committed. */
export interface BatchLandedEvent extends EventBase, Throughput {
  readonly event: "batch:landed";
  readonly feed: FeedName;
  /** The figures of this run so far. */
  readonly figures: FeedFigures;
}

/** A feed was read to its end, or the run gave up on it. */
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
  /** The figures of this run so far. */
  readonly figures: RecordFigures;
}

/** The run waits for ServiceTitan, for more than ten seconds. It continues automatically. */
export interface RunWaitEvent extends EventBase {
  readonly event: "run:wait";
  /** Epoch milliseconds; another event follows if the wait takes longer. */
  readonly until: number;
  /** ServiceTitan throttled the tenant, or did not answer several requests in a row. */
  readonly reason: "throttled" | "circuit-open";
}

/** Something that a person should know; the run continues. */
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
