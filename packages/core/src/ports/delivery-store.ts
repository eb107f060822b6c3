import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { Page, PageRequest } from "./page.js";
import type { NewRejection } from "./rejection-store.js";
import type { RecordFigures, RunLease } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";
import type { ReadKey } from "./work-queue.js";

/** What was last delivered of one record. */
export interface DeliveredRecord {
  readonly id: string;
  /** Equal contents mean equal records; `null` for a removed one. */
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
        /** The key stays on the work queue, so that the next owner tries again. @defaultValue false */
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

export interface ExportedRecord {
  readonly scope: TenantScope;
  readonly id: string;
  /** The record as JSON text. */
  readonly record: string;
}

/**
 * What was delivered, and the batches that a sink has not acknowledged yet. `stageBatch` and `settleKeys` are one
 * transaction each and require the lease, as {@link RunStore} says.
 */
export interface DeliveryStore {
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
   * Takes the keys off the work queue where their sequence is still the one that was read, releases the
   * others, stores what was delivered, keeps or clears rejections, drops the stored batch, and adds to the
   * run's figures. A rejected key that `staysPending` keeps its claim, so that its owner does not see it again.
   */
  settleKeys(params: SettleParams): Promise<void>;
  /** In the order in which they were stored. */
  listStagedBatches(scope: TenantScope): Promise<readonly StagedBatch[]>;
  /** Drops a stored batch that the sink has acknowledged outside a run. Does nothing for an unknown id. */
  acknowledgeBatch(params: { readonly scope: TenantScope; readonly batchId: string }): Promise<void>;
  findDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly DeliveredRecord[]>;
  /** What was last delivered, removed records included, with an id above `after`, ascending by id as a number. */
  listDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly DeliveredRecord[]>;
  /** What was last delivered of these records; unknown and removed ones are left out. */
  findCurrentRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly ExportedRecord[]>;
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
