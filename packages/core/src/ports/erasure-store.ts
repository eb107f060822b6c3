import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { DeliveredRecord, StoredBatch } from "./sync-store.js";
import type { TenantScope } from "./tenant.js";

/** A tenant that something is or was kept of. */
export interface KnownTenant {
  readonly scope: TenantScope;
  /** Of the tenant's newest run; the credential may be gone. */
  readonly credentialId: string;
}

/** A row that was rejected. */
export interface RejectedRow {
  readonly feed: FeedName;
  readonly entityId: string;
}

/** What is found of a customer, all of one tenant. */
export interface CustomerData {
  /** Ids of landed entities, ascending as numbers; the customer's own is always among those of `customers`. */
  readonly entities: ReadonlyMap<FeedName, readonly string[]>;
  /** What was delivered of these entities, removed records included. */
  readonly delivered: ReadonlyMap<RecordType, readonly DeliveredRecord[]>;
  /** All stored batches of the tenant, in the order in which they were stored. */
  readonly batches: readonly StoredBatch[];
  /** The lowest revision of a removal: the storage's clock in microseconds since 1970, as `claim` gives it. */
  readonly leastRevision: number;
}

/** How a customer's records leave the sink. */
export interface Withdrawal {
  /** Records that count as removed from now on; of each only id and revision stay. */
  readonly removals: readonly {
    readonly record: RecordType;
    readonly id: string;
    readonly revision: number;
  }[];
  /** Stored batches to keep: a known id replaces that batch in its place, others are added behind. */
  readonly batches: readonly StoredBatch[];
}

export interface EraseParams {
  readonly scope: TenantScope;
  readonly customerId: string;
  /** Whose entities are the customer's: those whose link of this number names it. */
  readonly links: readonly { readonly feed: FeedName; readonly link: number }[];
  /** Which feed's ids are a record's ids. */
  readonly drivers: readonly { readonly record: RecordType; readonly feed: FeedName }[];
  /** Rejected rows that never landed but are the customer's. */
  readonly rejected: readonly RejectedRow[];
  /** Called inside the transaction, and may write to the same database through it. Called again if it is repeated. */
  readonly withdraw: (transaction: unknown, found: CustomerData) => Promise<Withdrawal>;
}

/** How much was erased. */
export interface ErasedCounts {
  readonly entities: number;
  /** Delivered records, members and invoices. */
  readonly records: number;
  readonly rejections: number;
}

/** Takes one customer's personal data out of what is kept. */
export interface ErasureStore {
  /** Ordered by environment and tenant. */
  tenantsOf(companyId: string): Promise<readonly KnownTenant[]>;
  /**
   * Deletes, in one transaction, the customer's landed entities, their rejections and their keys on the work
   * list, and keeps what `withdraw` says. Repeating it finds nothing more.
   * @throws {@link ConflictError} with the run's id while the lease of a run of this tenant is alive; nothing
   * has changed then. No run of the tenant begins before it is done.
   */
  eraseCustomer(params: EraseParams): Promise<ErasedCounts>;
  /** Drops a stored batch that the sink has acknowledged outside a run. Does nothing for an unknown id. */
  acknowledgeBatch(params: { readonly scope: TenantScope; readonly batchId: string }): Promise<void>;
}
