import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { Attempt, DeliveredRecord, StagedBatch } from "./delivery-store.js";
import type { StoredRejection } from "./rejection-store.js";
import type { TenantScope } from "./tenant.js";

/** A tenant for which data is or was stored. */
export interface KnownTenant {
  readonly scope: TenantScope;
  /** The credential of the tenant's newest run; it may have been removed. */
  readonly credentialId: string;
}

/** A landed entity and the ids of the entities it refers to. */
export interface LinkedEntity {
  readonly id: string;
  readonly links: LinkIds;
}

/** The part of a rejection that an erasure needs. */
export type RejectedRow = Pick<StoredRejection, "id" | "feed" | "entityId" | "stage" | "payload">;

/** Reads one tenant's data inside the erasing transaction. Entities that are marked removed are included. */
export interface ErasureReader {
  /** Unknown ids are left out. */
  findEntities(params: {
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly LinkedEntity[]>;
  /** Entities of `feed` whose link with this name points to one of `ids`. */
  findEntitiesByLink(params: {
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly LinkedEntity[]>;
  /** Rejections with an id above `after`, in the order in which they were created; `null` starts with the first. */
  listRejections(params: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly RejectedRow[]>;
  /** Removed records are included; unknown ids are left out. */
  findDeliveredRecords(params: {
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly DeliveredRecord[]>;
  /** Ids of delivered records whose text contains one of `texts`, ascending as numbers. */
  findDeliveredContaining(params: {
    readonly record: RecordType;
    readonly texts: readonly string[];
  }): Promise<readonly string[]>;
  /** All batches of the tenant, in the order in which they were stored. */
  listStagedBatches(): Promise<readonly StagedBatch[]>;
  /**
   * The lowest revision that a removal may have: the storage's clock in microseconds since 1970, as for {@link
   * ClaimedKey.revision}.
   */
  minRevision(): Promise<number>;
}

/** The changes that an erasure makes to one tenant's data. */
export interface Erasure {
  /** Entities to delete, along with their keys on the work queue and their rejections of every stage. */
  readonly entities: ReadonlyMap<FeedName, readonly string[]>;
  /** Ids of further rejections to delete. */
  readonly rejections: readonly string[];
  /** Ids of rejections that remain but lose their payload. */
  readonly emptied: readonly string[];
  /** Records that count as removed from now on; only the id and revision of each remain. */
  readonly removals: readonly {
    readonly record: RecordType;
    readonly id: string;
    readonly revision: number;
  }[];
  /** Keys to put on the work queue, so that their records are derived again. */
  readonly requeued: readonly { readonly record: RecordType; readonly feed: FeedName; readonly id: string }[];
  /** Stored batches to change or add: a known id replaces the content of that batch, a new one is added at the end. */
  readonly batches: readonly StagedBatch[];
  /** Hashes of the customer and of the rows to suppress, for the suppression list. `null` adds nothing. */
  readonly suppress: { readonly customer: string; readonly rows: readonly string[] } | null;
}

export interface EraseParams {
  readonly scope: TenantScope;
  /**
   * Decides inside the transaction what to erase, and may write to the same database through it, inside `attempt` if
   * that may fail. Called again if the transaction is retried.
   */
  readonly decide: (transaction: unknown, reader: ErasureReader, attempt: Attempt) => Promise<Erasure>;
}

/** The number of erased entities and rejections. */
export interface ErasedCounts {
  readonly entities: number;
  /** Rejections that were deleted or lost their payload. */
  readonly rejections: number;
}

/** Erases one customer's personal data from the storage. */
export interface ErasureStore {
  /** Ordered by environment and tenant. */
  listTenants(companyId: string): Promise<readonly KnownTenant[]>;
  /**
   * Makes the changes that `decide` returns, in one transaction. No run of the tenant can begin before it ends. A
   * second call finds nothing left to erase.
   * @throws {@link ConflictError} with the run's id while a run of this tenant holds a lease that has not expired;
   * nothing changes.
   */
  eraseCustomer(params: EraseParams): Promise<ErasedCounts>;
}
