import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";

/**
 * What a landed change puts on the work queue: the entity itself, or the entity that one of its links names. A change
 * that leaves `usedHash` and links of an entity as they were puts nothing there.
 */
export interface Touch {
  readonly record: RecordType;
  /** The feed of the listed id. */
  readonly feed: FeedName;
  /** Name of the link whose old and new targets are listed; `null` lists the entity itself. */
  readonly link: string | null;
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

/** A pending key as it was read. */
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

/**
 * The work queue: for each record type the keys, ids of a feed, that are still to be derived, or to be expanded to such.
 * A key in it is pending. {@link LandingStore.landRows} puts keys there, {@link DeliveryStore.settleKeys} takes them off.
 * Each writing verb is one transaction that requires the lease, as {@link RunStore} says.
 */
export interface WorkQueue {
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
  /** Lists entities of a feed by id, at most 2000 digits-only ids, whether they are landed or not. */
  requeueKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<void>;
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
   * Claims up to `limit` pending keys of a record's driver feed that this fence has not claimed, ascending
   * by id as a number. Claims of other fences are void.
   */
  claimKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** Only keys above this id; `null` begins with the lowest. Whoever goes on from the last one skips nothing again. */
    readonly after: string | null;
    readonly limit: number;
    /** Only keys of entities that this run has seen. */
    readonly seenOnly: boolean;
  }): Promise<readonly ClaimedKey[]>;
  /** Ids of a feed that are on a record's work queue, claimed or not, above `after`, ascending as numbers; at most `limit`. */
  listPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** How many there are. */
  countPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
  }): Promise<number>;
}
