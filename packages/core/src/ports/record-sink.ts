import type { HostRecord, RecordType } from "../records/record.js";
import type { SinkReader } from "./sink-reader.js";
import type { RunWarning } from "./sync-run.js";
import type { TenantScope } from "./tenant.js";

/** One change of one record. */
export type BatchItem =
  | {
      readonly op: "upsert";
      /** The customer's or invoice's ServiceTitan id: `source_id`. */
      readonly key: string;
      /** Only grows per record: ignore an item with a lower one than you have. */
      readonly revision: number;
      readonly record: HostRecord;
    }
  | { readonly op: "remove"; readonly key: string; readonly revision: number };

/** Up to 2000 changes of one tenant and record type, ascending by key, each key once. */
export interface RecordBatch {
  /** The same when the batch is sent again. */
  readonly id: string;
  readonly runId: string;
  readonly credentialId: string;
  readonly scope: TenantScope;
  readonly record: RecordType;
  readonly items: readonly BatchItem[];
}

export interface SinkContext {
  /** Aborted when the run is to stop, and when the sink has had its time. */
  readonly signal: AbortSignal;
}

/** Items that the sink will not take. They become rejections; the others count as delivered. */
export interface SinkAnswer {
  readonly rejected: readonly {
    /** Of an item of the batch. */
    readonly key: string;
    /** Names fields, never values. The first 1000 characters are kept. */
    readonly reason: string;
  }[];
}

/**
 * Where records go. A batch may arrive twice, with the same id and content: the second changes nothing. Batches of
 * one tenant and record type come one after the other; those of others may come at the same time.
 */
export interface RecordSinkObject {
  /**
   * Resolves when the batch is safe. What it throws fails the batch: it is written again some times, then kept, and
   * sent again by the next run; its records wait for it, other records go on.
   */
  write(batch: RecordBatch, context: SinkContext): Promise<SinkAnswer>;
  /**
   * Called before each run that writes to it: finds out whether it can, and changes nothing.
   * @throws {@link ConfigError} that says what is wrong with its target.
   */
  check?(): Promise<void>;
  /**
   * Called before each run that writes to it, after {@link RecordSinkObject.check}: what somebody should look into
   * although the sink takes records. The run warns of it.
   */
  warnings?(): Promise<readonly RunWarning[]>;
  /**
   * The record types that it takes, where these are not all. An instance with another one does not start.
   * @defaultValue every type
   */
  readonly recordTypes?: readonly RecordType[] | undefined;
  /**
   * Whether it does something about removals. One that cannot, such as an append-only table, passes over them:
   * the run warns of how many there were. @defaultValue true
   */
  readonly supportsRemoval?: boolean | undefined;
  /**
   * Present where the sink can be read back. A full sync compares with it then, and delivers again what differs: so
   * it mends a sink that is not as the storage says, above all beside a storage that was brought back from a backup.
   */
  readonly reader?: SinkReader | undefined;
  /**
   * Whether what it wrote before stays where it is when a removal arrives, as files of earlier batches do. Then an
   * erasure names the records that are still there. @defaultValue false
   */
  readonly keepsHistory?: boolean | undefined;
  /** Present with {@link RecordSinkObject.writeIn}: equal to the storage's `database` when they share one. */
  readonly database?: object | null;
  /**
   * Writes inside the storage's transaction: exactly once. When it throws {@link RecordRefusedError}, or the database
   * refuses the data, what it wrote is undone and parts of the batch come one by one, each under an id of its own,
   * until the items at fault are found: they become rejections. The transaction is over once its promise has settled.
   */
  writeIn?(transaction: unknown, batch: RecordBatch, context: SinkContext): Promise<SinkAnswer>;
}

export type RecordSink = RecordSinkObject | RecordSinkObject["write"];
