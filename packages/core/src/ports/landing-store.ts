import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { FeedCursor } from "./feed-cursor.js";
import type { NewRejection } from "./rejection-store.js";
import type { RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";
import type { Touch } from "./work-queue.js";

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
 * Lands what feeds give: rows, cursor and what the changes touch commit together. Each writing verb is one transaction
 * that requires the lease, as {@link RunStore} says.
 */
export interface LandingStore {
  /**
   * Upserts entities, lists what they touch, keeps rejections, moves the cursor and the run's figures.
   * An older `modifiedOn` never replaces a newer one, unless `healsBefore` says so. An entity that is marked
   * removed comes back with any row that is not older. A good landing clears the entity's `structure`
   * rejection, and so does a suppressed row. Repeating a call lands nothing new.
   */
  landRows(params: LandParams): Promise<LandResult>;
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
  /** Forgets which ids of a feed this run has seen: it begins to look again. */
  forgetSeenIds(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly feed: FeedName;
  }): Promise<void>;
  /** Cursors of all feeds ever read for this tenant. */
  findCursors(scope: TenantScope): Promise<ReadonlyMap<FeedName, FeedCursor>>;
}
