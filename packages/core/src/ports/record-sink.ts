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
      /** Only increases per record: ignore an item whose revision is lower than the one you have. */
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
  /** Aborted when the run should stop, or when the sink's time limit has passed. */
  readonly signal: AbortSignal;
}

/** Items that the sink will not accept. They become rejections; the others count as delivered. */
export interface SinkAnswer {
  readonly rejected: readonly {
    /** The key of an item of the batch. */
    readonly key: string;
    /** Names fields, never values. The first 1000 characters are kept. */
    readonly reason: string;
  }[];
}

/**
 * Where records are delivered. A batch may arrive twice, with the same id and content: the second time it must change
 * nothing. Batches of one tenant and record type arrive one after the other; others may arrive at the same time.
 */
export interface RecordSinkObject {
  /**
   * Resolves when the batch is stored safely. If it throws, the batch fails: it is retried a few times, then kept, and
   * sent again by the next run. Its records wait for it; other records continue.
   */
  write(batch: RecordBatch, context: SinkContext): Promise<SinkAnswer>;
  /**
   * Called before each run that writes to the sink: checks whether the sink can write, and changes nothing.
   * @throws {@link ConfigError} that says what is wrong with its target.
   */
  check?(): Promise<void>;
  /**
   * Called before each run that writes to it, after {@link RecordSinkObject.check}: returns problems that somebody
   * should look into although the sink works. The run reports them as warnings.
   */
  warnings?(): Promise<readonly RunWarning[]>;
  /**
   * The record types that the sink accepts. An instance that has another type does not start. @defaultValue every type
   */
  readonly recordTypes?: readonly RecordType[] | undefined;
  /**
   * Whether the sink handles removals. A sink that cannot, such as an append-only table, ignores them, and the run
   * warns with their number. @defaultValue true
   */
  readonly supportsRemoval?: boolean | undefined;
  /**
   * Present if the sink can be read back. Then a full sync compares records with it and delivers differing ones again.
   * This repairs a sink that differs from the storage, especially after the storage was restored from a backup.
   */
  readonly reader?: SinkReader | undefined;
  /**
   * Whether earlier output stays in place when a removal arrives, as files of earlier batches do. Then an erasure lists
   * the records that are still there. @defaultValue false
   */
  readonly keepsHistory?: boolean | undefined;
  /** Required with {@link RecordSinkObject.writeIn}: equal to the storage's `database` if they share one. */
  readonly database?: object | null;
  /**
   * Writes inside the storage's transaction: exactly once. If it throws {@link RecordRefusedError}, or the database
   * refuses the data, its writes are rolled back and the engine passes parts of the batch, each with its own id, until
   * it has found the bad items, which become rejections. The transaction is over once its promise has settled.
   */
  writeIn?(transaction: unknown, batch: RecordBatch, context: SinkContext): Promise<SinkAnswer>;
}

export type RecordSink = RecordSinkObject | RecordSinkObject["write"];
