import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { Attempt, DeliveredRecord, StagedBatch } from "./delivery-store.js";
import type { StoredRejection } from "./rejection-store.js";
import type { TenantScope } from "./tenant.js";

/** A tenant that something is or was kept of. */
export interface KnownTenant {
  readonly scope: TenantScope;
  /** Of the tenant's newest run; the credential may be gone. */
  readonly credentialId: string;
}

/** A landed entity with the ids that it names. */
export interface LinkedEntity {
  readonly id: string;
  readonly links: LinkIds;
}

/** A rejection as an erasure looks at it. */
export type RejectedRow = Pick<StoredRejection, "id" | "feed" | "entityId" | "stage" | "payload">;

/** Looks at one tenant's data inside the erasing transaction. Entities that are marked removed are there as well. */
export interface ErasureReader {
  /** Unknown ids are left out. */
  findEntities(params: {
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly LinkedEntity[]>;
  /** Entities of `feed` whose link of this name names one of `ids`. */
  findEntitiesByLink(params: {
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly LinkedEntity[]>;
  /** Those with an id above `after`, in the order in which they first came; `null` begins with the first. */
  listRejections(params: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly RejectedRow[]>;
  /** Removed ones are there as well; unknown ids are left out. */
  findDeliveredRecords(params: {
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly DeliveredRecord[]>;
  /** Ids of delivered records whose text contains one of these, ascending as numbers. */
  findDeliveredContaining(params: {
    readonly record: RecordType;
    readonly texts: readonly string[];
  }): Promise<readonly string[]>;
  /** All of the tenant, in the order in which they were stored. */
  listStagedBatches(): Promise<readonly StagedBatch[]>;
  /** The lowest revision of a removal: the storage's clock in microseconds since 1970, as `claim` gives it. */
  minRevision(): Promise<number>;
}

/** What an erasure does to one tenant's data. */
export interface Erasure {
  /** Deleted, with their keys on the work queue and their rejections of every stage. */
  readonly entities: ReadonlyMap<FeedName, readonly string[]>;
  /** Ids of further rejections to delete. */
  readonly rejections: readonly string[];
  /** Ids of rejections that stay, without their payload. */
  readonly emptied: readonly string[];
  /** Records that count as removed from now on; of each only id and revision stay. */
  readonly removals: readonly {
    readonly record: RecordType;
    readonly id: string;
    readonly revision: number;
  }[];
  /** Put on the work queue, to be derived again. */
  readonly requeued: readonly { readonly record: RecordType; readonly feed: FeedName; readonly id: string }[];
  /** Stored batches to keep: a known id replaces that batch in its place, others are added behind. */
  readonly batches: readonly StagedBatch[];
  /** Added to the suppression list: the customer's hash, and those of the rows to keep out. `null` adds nothing. */
  readonly suppress: { readonly customer: string; readonly rows: readonly string[] } | null;
}

export interface EraseParams {
  readonly scope: TenantScope;
  /**
   * Decides inside the transaction what to erase, and may write to the same database through it; `attempt` keeps what
   * fails from costing more than itself. Called again if the transaction is repeated.
   */
  readonly decide: (transaction: unknown, reader: ErasureReader, attempt: Attempt) => Promise<Erasure>;
}

/** How much was erased. */
export interface ErasedCounts {
  readonly entities: number;
  /** Rejections that are gone, and those that lost their payload. */
  readonly rejections: number;
}

/** Takes one customer's personal data out of what is kept. */
export interface ErasureStore {
  /** Ordered by environment and tenant. */
  listTenants(companyId: string): Promise<readonly KnownTenant[]>;
  /**
   * Does in one transaction what `decide` says. Repeating it finds nothing more.
   * @throws {@link ConflictError} with the run's id while the lease of a run of this tenant is alive; nothing
   * has changed then. No run of the tenant begins before it is done.
   */
  eraseCustomer(params: EraseParams): Promise<ErasedCounts>;
}
