import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { FeedCursor } from "./feed-cursor.js";
import type { NewRejection } from "./rejection-store.js";
import type { RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";
import type { Touch } from "./work-queue.js";

/** An entity that is about to be stored. */
export interface NewEntity {
  /** Digits. */
  readonly id: string;
  /** The row as the API sent it, as JSON text. */
  readonly payload: string;
  /** Equal hashes mean equal payloads. */
  readonly contentHash: string;
  /** A hash of only those fields that records use. Equal hashes mean that no record changes. */
  readonly usedHash: string;
  /** With seven fractional digits, so that text order is time order; `null` counts as the oldest. */
  readonly modifiedOn: string | null;
  /** Ids of the entities it refers to. */
  readonly links: LinkIds;
}

export interface LandParams {
  readonly lease: RunLease;
  readonly scope: TenantScope;
  readonly feed: FeedName;
  /** If `modifiedOn` is equal, an export row wins over a list row; otherwise the later read wins. */
  readonly source: "export" | "list";
  /** Ascending by id as a number, without duplicates. */
  readonly entities: readonly NewEntity[];
  readonly rejections: readonly NewRejection[];
  readonly touches: readonly Touch[];
  /** How many rows were dropped because they were repeated in the same page. */
  readonly repeated: number;
  /**
   * Ids of the rows that were dropped because their customer is on the suppression list, one for each row; if an id
   * was unreadable it can be any text, as in rejections. @defaultValue none
   */
  readonly suppressed?: readonly string[] | undefined;
  /**
   * Saved with the rows. `null` does not change the cursor: for all parts of a page but the last, and for reads that
   * do not use a cursor.
   */
  readonly cursor: FeedCursor | null;
  /** Whether this is the last part of a page. */
  readonly endsPage: boolean;
  /** Whether to mark the ids, including those of rejections and suppressed rows, as seen by this run. */
  readonly markSeen: boolean;
  /**
   * In a full pass, a time in epoch milliseconds by the storage's clock. An entity that this run has not seen yet, and
   * that is marked removed or landed before this time, is replaced by any different row, regardless of `modifiedOn`.
   * `null` outside a full pass.
   */
  readonly healsBefore: number | null;
}

export interface LandResult {
  readonly landed: number;
  readonly unchanged: number;
  readonly superseded: number;
}

/** The result of a sweep. */
export interface SweepResult {
  /** Entities of the feed that were not marked removed before, including spared ones. */
  readonly total: number;
  /** Those of them that the run did not see. */
  readonly absent: number;
  /** How many were marked removed: all absent ones or none. */
  readonly removed: number;
}

/**
 * Lands rows of feeds: rows, cursor and the keys that the changes put on the work queue commit together. Each writing
 * verb is one transaction that requires the lease, as {@link RunStore} describes.
 */
export interface LandingStore {
  /**
   * Upserts entities, puts the keys that they touch on the work queue, stores rejections, and updates the cursor and
   * the run's figures. An older `modifiedOn` never replaces a newer one, unless `healsBefore` allows it. An entity that
   * is marked removed is restored by any row that is not older. A successful landing clears the entity's `structure`
   * rejection, and so does a suppressed row. Repeating a call lands nothing new.
   */
  landRows(params: LandParams): Promise<LandResult>;
  /**
   * Marks the feed's entities that this run has not seen as removed, and puts the keys that they touch on the work
   * queue, as `landRows` does. Marks nothing if they are more than `maxShare` of the feed's entities. Rejections of
   * marked entities are closed; so are the feed's `structure` rejections of ids that the run has not seen, unless
   * absent entities were left unmarked. The seen ids are kept until the run ends with a status other than `paused`.
   */
  sweepFeed(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly touches: readonly Touch[];
    /** From 0 to 1; 1 sets no limit. */
    readonly maxShare: number;
    /**
     * Epoch milliseconds, by the storage's clock: entities that landed or were rejected after this time are spared;
     * `null` spares nothing.
     */
    readonly spareAfter: number | null;
  }): Promise<SweepResult>;
  /** Forgets which ids of a feed this run has seen, because it reads the feed again from the beginning. */
  forgetSeenIds(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly feed: FeedName;
  }): Promise<void>;
  /** Cursors of all feeds that were ever read for this tenant. */
  findCursors(scope: TenantScope): Promise<ReadonlyMap<FeedName, FeedCursor>>;
}
