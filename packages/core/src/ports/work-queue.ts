import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";

/**
 * Which keys a landed change puts on the work queue: the entity itself, or the entity that one of its links points to.
 * If an entity's `usedHash` and links do not change, nothing is put there.
 */
export interface Touch {
  readonly record: RecordType;
  /** The feed of the queued id. */
  readonly feed: FeedName;
  /** The name of the link whose old and new targets are queued; `null` queues the entity itself. */
  readonly link: string | null;
}

/**
 * How a queued entity of one feed is replaced by others: by the entities of `child` whose link `childLink` points to
 * it, or, with `target`, by the entities that these point to.
 */
export interface Expansion {
  readonly record: RecordType;
  readonly feed: FeedName;
  readonly child: FeedName;
  /** The name of a link of `child`. */
  readonly childLink: string;
  /** `link` is also a link of `child`. */
  readonly target: { readonly feed: FeedName; readonly link: string } | null;
}

/** A pending key as it was read. */
export interface ReadKey {
  readonly id: string;
  /** Increases each time a landing queues the key; never restarts. */
  readonly sequence: number;
}

export interface ClaimedKey extends ReadKey {
  /**
   * The revision of the item that delivers this key's record: one more than the last delivered revision, but at least
   * the storage's clock in microseconds since 1970. So it increases even if the delivered state was lost: for a tenant
   * whose data was removed, and for a new storage with an old sink.
   */
  readonly revision: number;
}

/**
 * The work queue. For each record type it contains keys, which are ids of a feed, whose records have to be derived, or
 * which have to be expanded to such keys. A key in it is pending. {@link LandingStore.landRows} adds keys, {@link
 * DeliveryStore.settleKeys} removes them. Each writing verb is one transaction that requires the lease, as {@link
 * RunStore} describes.
 */
export interface WorkQueue {
  /**
   * Queues up to `limit` landed entities of a feed with an id above `after`, removed ones included.
   * @returns the highest queued id; `null` if none was left.
   */
  enqueueKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    readonly after: string | null;
    readonly limit: number;
    /** Queues only entities that this run has seen. */
    readonly seenOnly: boolean;
  }): Promise<string | null>;
  /** Queues entities of a feed by id, whether or not they have landed: at most 2000 ids, which are digits. */
  requeueKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<void>;
  /**
   * Replaces up to `limit` queued entities of the expansion's feed with those that they lead to, in bounded steps: one
   * that leads to more than `limit` others remains queued until a later step.
   * @returns whether there is more to expand.
   */
  expandKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly expansion: Expansion;
    readonly limit: number;
  }): Promise<boolean>;
  /**
   * Claims up to `limit` pending keys of a record's driver feed that this fence has not claimed, ascending by id as a
   * number. Claims of other fences do not count.
   */
  claimKeys(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** Claims only keys above this id; `null` starts with the lowest. Pass the last claimed id to continue. */
    readonly after: string | null;
    readonly limit: number;
    /** Claims only keys of entities that this run has seen. */
    readonly seenOnly: boolean;
  }): Promise<readonly ClaimedKey[]>;
  /** Up to `limit` pending ids of a feed above `after`, claimed or not, ascending as numbers. */
  listPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** `null` starts with the lowest id. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** The number of a feed's pending ids. */
  countPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
  }): Promise<number>;
}
