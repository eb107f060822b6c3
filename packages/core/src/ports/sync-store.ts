import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { AuditEntry } from "./audit-log.js";
import type { Page, PageRequest } from "./credential-store.js";
import type {
  RecordFigures,
  RunFailure,
  RunLease,
  RunRequest,
  RunStatus,
  RunWarning,
  StoredRun,
  SyncData,
  SyncType,
} from "./sync-run.js";
import type { TenantScope } from "./tenant.js";

/** Where the reading of a feed stands. Stored as given, best as one JSON value: its meaning is the engine's. */
export interface FeedCursor {
  /** The last committed `continueFrom`; `null` is the feed's beginning. */
  readonly token: string | null;
  /** Server time, ISO 8601, at which the poll in progress began; `null` when none is. */
  readonly pollBeganAt: string | null;
  /** Server time at which the last poll that reached the feed's end began; `null` when none ever did. */
  readonly drainedAt: string | null;
  /** The full pass that a run makes or made: its own position, and whether it has reached the end. */
  readonly fullPass: {
    readonly runId: string;
    /** When it began or a little before, ISO 8601, by the storage's clock. */
    readonly beganAt: string;
    readonly token: string | null;
    readonly drained: boolean;
    /** Rows that it read without learning whose they were: it cannot tell what has vanished. Absent for none. */
    readonly unreadable?: number | undefined;
  } | null;
  /**
   * Of a driver feed: the related feeds that had ever been drained when all its entities were last put on the
   * work list; `null` when they never were. Until then landed changes list nothing for its record, since
   * deriving begins with everything.
   */
  readonly enqueuedWith: readonly FeedName[] | null;
  /** The page that led to a token, so that it is known when it comes again in the place of the next one. */
  readonly pageBefore: { readonly token: string; readonly fingerprint: string } | null;
  /** Of the poll in progress: what tells that its tokens lead in a circle. Absent for none. */
  readonly trail?:
    | {
        /** The position that it belongs to. */
        readonly token: string | null;
        /** Where the poll began. */
        readonly since: string | null;
        readonly anchor: string | null;
        readonly power: number;
        readonly steps: number;
      }
    | undefined;
  /** A parallel first load in progress, or done but not yet followed by the export; else `null`. */
  readonly backfill: {
    /** It reads what was last modified before this instant, ISO 8601; the export is followed from there. */
    readonly until: string;
    /** What is still to be read. */
    readonly windows: readonly BackfillWindow[];
  } | null;
  /**
   * Of a feed that is read by its list: how many rows its total counts that two readings in a row have not given, as
   * far as that still holds. Absent for none.
   */
  readonly rowsNotGiven?: number | undefined;
}

/** Entities by when they were created; ISO 8601. */
export interface BackfillWindow {
  /** Inclusive; `null` is open to the past. */
  readonly from: string | null;
  /** Exclusive. */
  readonly to: string;
  /** How many entities there were when it was planned or last read: no more can have come. */
  readonly rows: number;
  /** How many of them, by ascending id, are still to be read: those behind have landed. Absent for all. */
  readonly left?: number | undefined;
  /** How often the next page to be read did not fit those behind it. Absent for never. */
  readonly failures?: number | undefined;
}

/** An entity on its way into storage. */
export interface NewEntity {
  /** Digits. */
  readonly id: string;
  /** The row as it came, as JSON text. */
  readonly payload: string;
  /** Equal hashes mean equal payloads. */
  readonly contentHash: string;
  /** Equal hashes mean that no record shows a difference: of those fields only that records are made of. */
  readonly usedHash: string;
  /** With seven fractional digits, so that text order is time order; `null` is oldest. */
  readonly modifiedOn: string | null;
  /** Ids of the entities it refers to. */
  readonly links: LinkIds;
}

export interface LandedEntity {
  readonly id: string;
  readonly payload: string;
  /** Whether it has vanished from ServiceTitan. */
  readonly removed: boolean;
}

/**
 * What a landed change puts on the work list: the entity itself, or the entity that one of its links names. A change
 * that leaves `usedHash` and links of an entity as they were puts nothing there.
 */
export interface Touch {
  readonly record: RecordType;
  /** The feed of the listed id. */
  readonly feed: FeedName;
  /** Name of the link whose old and new targets are listed; `null` lists the entity itself. */
  readonly link: string | null;
}

export type RejectionStage = "structure" | "record" | "sink";

/** Why an entity was not landed, or its record not delivered. One is kept per entity and stage. */
export interface NewRejection {
  readonly feed: FeedName;
  readonly entityId: string;
  readonly stage: RejectionStage;
  readonly rules: readonly string[];
  /** Names fields, never values. */
  readonly message: string;
  /** The row as it came, as JSON text. */
  readonly payload: string | null;
}

export interface StoredRejection extends NewRejection {
  readonly id: string;
  readonly scope: TenantScope;
  readonly runId: string;
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly timesSeen: number;
}

export interface BeginParams {
  readonly credentialId: string;
  readonly scope: TenantScope;
  readonly type: SyncType;
  readonly request: RunRequest;
  /** The id of the run if a new one is started. */
  readonly runId: string;
  readonly leaseMs: number;
}

export interface StartedRun {
  readonly lease: RunLease;
  readonly run: StoredRun;
  /** Whether an earlier, dead or paused run is continued. */
  readonly resumed: boolean;
}

/** What a heartbeat learns. */
export interface LeaseRenewal {
  /** Who asked this owner to cancel the run, the first where there were several; `null` when nobody did. */
  readonly cancelRequestedBy: string | null;
}

export interface CancelParams {
  readonly companyId: string;
  readonly runId: string;
  /** Who asks. */
  readonly actor: string;
}

/**
 * What became of the wish to cancel a run: its owner was asked and learns it with the next heartbeat; nobody
 * worked on it, and it has ended `cancelled`; it had ended before.
 */
export type CancelOutcome = "requested" | "cancelled" | "ended";

export interface LandParams {
  readonly lease: RunLease;
  readonly scope: TenantScope;
  readonly feed: FeedName;
  /** On equal `modifiedOn` an export row beats a list row; else the later read wins. */
  readonly source: "export" | "list";
  /** Ascending by id as a number, without duplicates. */
  readonly entities: readonly NewEntity[];
  readonly rejections: readonly NewRejection[];
  readonly touches: readonly Touch[];
  /** Rows that were dropped before: repeated in the same page. */
  readonly repeated: number;
  /**
   * Ids of the rows that were dropped before because their customer is on the suppression list, one for each row;
   * as in rejections, an unreadable one is any text. @defaultValue none
   */
  readonly suppressed?: readonly string[] | undefined;
  /** Saved with the rows; `null` leaves the cursor alone (not the last part of a page, or a read that keeps none). */
  readonly cursor: FeedCursor | null;
  /** Whether this is the last part of a page. */
  readonly endsPage: boolean;
  /** Whether to note the ids, those of rejections and suppressed rows included, as seen by this run. */
  readonly markSeen: boolean;
  /**
   * In a full pass: an entity that this run has not noted as seen, and that is marked removed or was landed before
   * this time (epoch milliseconds, by the storage's clock), gives way to any other row, whatever its `modifiedOn`.
   * `null` elsewhere.
   */
  readonly healsBefore: number | null;
}

export interface LandResult {
  readonly landed: number;
  readonly unchanged: number;
  readonly superseded: number;
}

/** What a sweep found. */
export interface SweepResult {
  /** Entities of the feed that were not removed before, those that are spared included. */
  readonly total: number;
  /** Of these, the ones that the run did not see. */
  readonly absent: number;
  /** How many were marked removed: all absent ones, or none. */
  readonly removed: number;
}

/**
 * How a listed entity of one feed leads to others: entities of `child` whose link `childLink` names
 * it are listed in its place, or, with `target`, the entities that those name.
 */
export interface Expansion {
  readonly record: RecordType;
  readonly feed: FeedName;
  readonly child: FeedName;
  /** Name of a link of `child`. */
  readonly childLink: string;
  /** The link is one of `child`, too. */
  readonly target: { readonly feed: FeedName; readonly link: string } | null;
}

/** A listed key as it was read. */
export interface ReadKey {
  readonly id: string;
  /** Raised by each landing that lists the key; never restarts. */
  readonly sequence: number;
}

export interface ClaimedKey extends ReadKey {
  /**
   * Of the item that delivers this key's record: the last delivered one and one more, but at least the storage's
   * clock in microseconds since 1970. So it grows also where nothing is left of what was delivered: for a tenant
   * whose data was removed, and for a new storage beside an old sink.
   */
  readonly revision: number;
}

/** What was last delivered of one record. */
export interface DeliveredRecord {
  readonly id: string;
  /** Equal contents mean equal records; `null` for a removed one. */
  readonly contentHash: string | null;
  /** Grows with each delivery of this record, removals included. */
  readonly revision: number;
  readonly removed: boolean;
}

/** What became of one claimed key. */
export type SettledItem = ReadKey &
  (
    | {
        readonly outcome: "upserted";
        readonly revision: number;
        readonly contentHash: string;
        readonly record: string;
      }
    | { readonly outcome: "removed"; readonly revision: number }
    | { readonly outcome: "unchanged" | "left-out" }
    | {
        readonly outcome: "rejected";
        readonly rejection: NewRejection;
        /** The key stays on the work list, so that the next owner tries again. @defaultValue false */
        readonly staysPending?: boolean | undefined;
      }
  );

export interface Settlement {
  /** Ascending by id as a number, without duplicates. */
  readonly items: readonly SettledItem[];
  /** Added to the run's figures. */
  readonly figures: RecordFigures;
}

/**
 * Does some work inside a transaction so that it costs only itself when it fails: what it wrote is undone, the
 * transaction goes on, and its error is passed on. May be nested. What fails by a {@link SinkTimeoutError} was left
 * behind: the transaction is over then.
 */
export type Attempt = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface SettleParams {
  readonly lease: RunLease;
  readonly scope: TenantScope;
  readonly record: RecordType;
  readonly feed: FeedName;
  /** The stored batch that this acknowledges; `null` when none was stored. */
  readonly batchId: string | null;
  /**
   * A function is called inside the transaction, and may write to the same database through it. Once its promise has
   * settled the transaction takes no more statements, whoever still holds it.
   */
  readonly settlement: Settlement | ((transaction: unknown, attempt: Attempt) => Promise<Settlement>);
}

/** A batch that is kept until the sink has acknowledged it. */
export interface StagedBatch {
  readonly id: string;
  readonly record: RecordType;
  /** As the engine gave it. */
  readonly content: string;
}

export interface RejectionFilter {
  readonly companyId?: string | undefined;
  readonly credentialId?: string | undefined;
  readonly feed?: FeedName | undefined;
  readonly stage?: RejectionStage | undefined;
}

/** Rejections of one feed and stage that break the same rules. */
export interface RejectionCount extends Pick<NewRejection, "feed" | "stage" | "rules"> {
  readonly count: number;
}

/** A rejection that somebody closed, without its payload. */
export type DismissedRejection = Pick<
  StoredRejection,
  "id" | "scope" | "feed" | "entityId" | "stage" | "rules"
>;

export interface DismissParams {
  readonly companyId: string;
  /** Only those of this credential. */
  readonly credentialId?: string | undefined;
  readonly ids: readonly string[];
  /** What is noted in the audit log for one that was closed. */
  readonly auditEntryOf: (closed: DismissedRejection) => AuditEntry;
}

/** Before when history is taken away, in epoch milliseconds; what is absent stays. */
export interface PruneLimits {
  /**
   * Runs that ended before. A credential's newest run stays until the credential is removed, and so does its last
   * completed one; a tenant's newest run stays as long as anything else is kept of the tenant.
   */
  readonly runs?: number | undefined;
  /** The same for completed incremental runs that landed, delivered and rejected nothing. */
  readonly idleRuns?: number | undefined;
  /** Runs that nobody has worked on since: they end `cancelled`, and what they had seen is forgotten. */
  readonly pauses?: number | undefined;
  /**
   * Payloads of `record` and `sink` rejections that were last seen before: they can be derived again. The
   * rejections stay, and so do the payloads of `structure` rejections, which nobody else has.
   */
  readonly rejections?: number | undefined;
  /** Entries of the audit log. */
  readonly audit?: number | undefined;
}

/** How many were taken away: runs and audit entries deleted, pauses ended, payloads of rejections. */
export interface PrunedCounts {
  readonly runs: number;
  readonly pauses: number;
  readonly rejections: number;
  readonly audit: number;
}

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

export interface ExportedRecord {
  readonly scope: TenantScope;
  readonly id: string;
  /** The record as JSON text. */
  readonly record: string;
}

/**
 * Holds what must commit together. Each writing verb is one transaction that requires the lease: it fails
 * with {@link LeaseLostError} and changes nothing when the fence is not the latest or has expired.
 */
export interface SyncStore {
  /**
   * Takes the lease of a credential. A dead or paused run with an equal request is continued under its id;
   * one with a different request is ended `failed` with code `SUPERSEDED`, and a new one starts. One whose owner
   * died before it could obey a {@link SyncStore.requestRunCancellation} is ended `cancelled`, and a new one starts.
   * @throws {@link ConflictError} with the run's id and the time left while another owner's lease has not
   * expired; with the run's id when `runId` is taken, be it by the very run that this call ended `cancelled`.
   */
  beginRun(params: BeginParams): Promise<StartedRun>;
  /** Extends the lease by `leaseMs` from now. In a transaction of its own, never behind other writers. */
  renewLease(params: { readonly lease: RunLease; readonly leaseMs: number }): Promise<LeaseRenewal>;
  /**
   * Has a run cancelled, whoever works on it. Needs no lease: while the owner's has not expired, the wish is only
   * kept for the owner, never behind other writers; a run that nobody owns ends `cancelled` as a takeover would
   * end it. The wish is for this owner: it ends with the lease, and no later run sees it. May be repeated.
   * @returns `null` for a run that this company does not have.
   */
  requestRunCancellation(params: CancelParams): Promise<CancelOutcome | null>;
  /**
   * Stores the run's end, the time of the credential's last sync, and gives the lease back. A run that is to
   * pause, but was to be cancelled, ends `cancelled`.
   */
  endRun(params: {
    readonly lease: RunLease;
    readonly status: Exclude<RunStatus, "queued" | "running">;
    readonly warnings: readonly RunWarning[];
    readonly error: RunFailure | null;
  }): Promise<StoredRun>;

  /**
   * Upserts entities, lists what they touch, keeps rejections, moves the cursor and the run's figures.
   * An older `modifiedOn` never replaces a newer one, unless `healsBefore` says so. An entity that is marked
   * removed comes back with any row that is not older. A good landing clears the entity's `structure`
   * rejection, and so does a suppressed row. Repeating a call lands nothing new.
   */
  landRows(params: LandParams): Promise<LandResult>;
  /**
   * Replaces up to `limit` listed entities of the expansion's feed by those they lead to, in bounded steps:
   * one that leads to more than `limit` others keeps its place.
   * @returns whether there is more to expand.
   */
  expandKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly expansion: Expansion;
    readonly limit: number;
  }): Promise<boolean>;
  /**
   * Marks entities of the feed removed that this run has not seen, and lists what they touch, as `land`
   * does. Nothing is marked when they are more than `maxShare` of the feed's entities. What was rejected of
   * those that are marked is closed; so are the feed's `structure` rejections of ids that the run has not seen,
   * unless absent entities were held back. The seen ids are kept until the run ends other than paused.
   */
  sweepFeed(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly touches: readonly Touch[];
    /** From 0 to 1; 1 allows everything. */
    readonly maxShare: number;
    /**
     * Epoch milliseconds, by the storage's clock: what was landed or rejected after this time is spared;
     * `null` spares nothing.
     */
    readonly spareAfter: number | null;
  }): Promise<SweepResult>;
  /**
   * Lists up to `limit` landed entities of a feed with an id above `after`, removed ones included.
   * @returns the highest listed id, `null` when there was none left.
   */
  enqueueKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    readonly after: string | null;
    readonly limit: number;
    /** Only entities that this run has seen. */
    readonly seenOnly: boolean;
  }): Promise<string | null>;
  /**
   * Keeps how far the run has come in a piece of its work, in the place of what was kept of it before. Stored as
   * given: its meaning is the engine's. Forgotten when the run ends other than paused.
   */
  saveRunPlace(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    /** Names the piece of work. */
    readonly work: string;
    /** As JSON text. */
    readonly place: string;
  }): Promise<void>;
  /** Forgets which ids of a feed this run has seen: it begins to look anew. */
  forgetSeenIds(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly feed: FeedName;
  }): Promise<void>;
  /** Lists entities of a feed by id, at most 2000 digits-only ids, whether they are landed or not. */
  requeueKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<void>;
  /**
   * Claims up to `limit` listed keys of a record's driver feed that this fence has not claimed, ascending
   * by id as a number. Claims of other fences are void.
   */
  claimKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** Only keys above this id; `null` begins with the lowest. Whoever goes on from the last one passes over nothing again. */
    readonly after: string | null;
    readonly limit: number;
    /** Only keys of entities that this run has seen. */
    readonly seenOnly: boolean;
  }): Promise<readonly ClaimedKey[]>;
  /**
   * Keeps a batch before it is written to a sink that cannot share the transaction; a known one stays as it is. The
   * keys, where they are listed, count as claimed by this fence: nothing newer overtakes the batch.
   */
  stageBatch(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly batch: StagedBatch;
    /** Of the record's driver feed. */
    readonly feed: FeedName;
    /** The batch's keys; none where this fence has claimed them already. */
    readonly ids: readonly string[];
  }): Promise<void>;
  /**
   * Takes the keys off the work list where their sequence is still the one that was read, releases the
   * others, stores what was delivered, keeps or clears rejections, drops the stored batch, and adds to the
   * run's figures. A rejected key that `staysPending` keeps its claim, so that its owner does not see it again.
   */
  settleKeys(params: SettleParams): Promise<void>;

  /** What {@link SyncStore.saveRunPlace} keeps of a run, by the piece of work. */
  findRunPlaces(params: {
    readonly scope: TenantScope;
    readonly runId: string;
  }): Promise<ReadonlyMap<string, string>>;
  /** Cursors of all feeds ever read for this tenant. */
  findCursors(scope: TenantScope): Promise<ReadonlyMap<FeedName, FeedCursor>>;
  /** Unknown ids are left out. */
  findEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly LandedEntity[]>;
  /** Entities of `feed` whose link of this name names one of `ids`. Removed ones are left out. */
  findEntitiesByLink(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly LandedEntity[]>;
  findDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly DeliveredRecord[]>;
  /** In the order in which they were stored. */
  listStagedBatches(scope: TenantScope): Promise<readonly StagedBatch[]>;

  findRun(id: string): Promise<StoredRun | null>;
  /** Newest first. */
  listRuns(filter: RunFilter, page: PageRequest): Promise<Page<StoredRun>>;
  /** The run of a credential that is running or paused; `null` when there is none. */
  findCurrentRun(credentialId: string): Promise<StoredRun | null>;
  runMetrics(filter: RunFilter): Promise<RunMetrics>;
  /** By credential and day; days without runs are left out. Times are epoch milliseconds. */
  dailyRunMetrics(params: {
    readonly credentialIds: readonly string[];
    /** Started at or after. */
    readonly from: number;
    /** Started before. */
    readonly to: number;
  }): Promise<readonly DailyRunMetrics[]>;
  /**
   * Takes away history that is older than the given times, in small steps, and never open work: what is still to
   * be read, derived or delivered is the same afterwards. May be repeated, and cut off anywhere.
   * @param signal - Looked at between steps.
   * @throws {@link AbortedError} when the signal is aborted; what was taken away before stays so.
   */
  prune(before: PruneLimits, signal?: AbortSignal): Promise<PrunedCounts>;
  /**
   * Closes rejections because somebody decided so: their rows and payloads go. One whose row is rejected again is a
   * new one. Ids that are unknown, or another company's or credential's, are left out. Each is noted in the audit log
   * in the same transaction: only the log knows afterwards that the row was not lost.
   * @returns those that were closed.
   */
  dismissRejections(params: DismissParams): Promise<readonly DismissedRejection[]>;
  /** How many rejections there are for each reason, the most frequent first. */
  countRejections(filter: RejectionFilter): Promise<readonly RejectionCount[]>;
  /** Ordered by when they were last seen, newest first. */
  listRejections(filter: RejectionFilter, page: PageRequest): Promise<Page<StoredRejection>>;
  /** What was last delivered, removed records left out, ordered by company, environment, tenant and id as numbers. */
  listRecords(
    params: {
      readonly record: RecordType;
      readonly companyId?: string | undefined;
      readonly environment?: string | undefined;
    },
    page: PageRequest,
  ): Promise<Page<ExportedRecord>>;
}
