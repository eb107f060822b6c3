import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { Page, PageRequest } from "./page.js";
import type { NewRejection } from "./rejection-store.js";
import type { RecordFigures, RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";
import type { ReadKey } from "./work-queue.js";

/** The state of one record after its last delivery. */
export interface DeliveredRecord {
  readonly id: string;
  /** Equal hashes mean equal records; `null` for a removed record. */
  readonly contentHash: string | null;
  /** Grows with each delivery of this record, removals included. */
  readonly revision: number;
  readonly removed: boolean;
}

/** The outcome of one claimed key. */
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
        /** The key remains on the work queue, so that the run's next owner tries again. @defaultValue false */
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
 * Does some work inside a transaction, under a savepoint. If the work fails, its writes are rolled back and its error
 * is thrown, and the transaction can continue. May be nested. After a {@link SinkTimeoutError} nobody waits for the
 * work any more: then the transaction is over.
 */
export type Attempt = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface SettleParams {
  readonly lease: RunLease;
  readonly scope: TenantScope;
  readonly record: RecordType;
  readonly feed: FeedName;
  /** The stored batch that this acknowledges; `null` if none was stored. */
  readonly batchId: string | null;
  /**
   * A function is called inside the transaction, and may write to the same database through it. Once its promise has
   * settled, the transaction accepts no more statements.
   */
  readonly settlement: Settlement | ((transaction: unknown, attempt: Attempt) => Promise<Settlement>);
}

/** A batch that is stored until the sink has acknowledged it. */
export interface StagedBatch {
  readonly id: string;
  readonly record: RecordType;
  /** Stored exactly as the engine passed it. */
  readonly content: string;
}

export interface ExportedRecord {
  readonly scope: TenantScope;
  readonly id: string;
  /** The record as JSON text. */
  readonly record: string;
}

/**
 * Stores what was delivered, and the batches that a sink has not acknowledged yet. `stageBatch` and `settleKeys` are
 * one transaction each and require the lease, as {@link RunStore} describes.
 */
export interface DeliveryStore {
  /**
   * Stores a batch before it is written to a sink that cannot share the transaction. A batch with a known id does not
   * change. Those of the keys that are on the work queue count as claimed by this fence, so that nothing newer
   * overtakes the batch.
   */
  stageBatch(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    readonly batch: StagedBatch;
    /** The record's driver feed. */
    readonly feed: FeedName;
    /** The batch's keys; empty if this fence has already claimed them. */
    readonly ids: readonly string[];
  }): Promise<void>;
  /**
   * Removes each key from the work queue if its sequence is still the one that was read, and releases the others.
   * Stores what was delivered, stores or clears rejections, drops the stored batch, and adds to the run's figures. A
   * rejected key with `staysPending` remains claimed, so that its owner does not see it again.
   */
  settleKeys(params: SettleParams): Promise<void>;
  /** In the order in which they were stored. */
  listStagedBatches(scope: TenantScope): Promise<readonly StagedBatch[]>;
  /** Drops a stored batch that the sink acknowledged outside a run. Does nothing for an unknown id. */
  acknowledgeBatch(params: { readonly scope: TenantScope; readonly batchId: string }): Promise<void>;
  findDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly DeliveredRecord[]>;
  /** Delivered records with an id above `after`, removed ones included, ascending by id as a number. */
  listDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    /** `null` starts with the lowest id. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly DeliveredRecord[]>;
  /** The last delivered version of these records; unknown and removed ones are left out. */
  findCurrentRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly ExportedRecord[]>;
  /** Delivered records without removed ones, ordered by company, environment, tenant, and id as a number. */
  listRecords(
    params: {
      readonly record: RecordType;
      readonly companyId?: string | undefined;
      readonly environment?: string | undefined;
    },
    page: PageRequest,
  ): Promise<Page<ExportedRecord>>;
}
