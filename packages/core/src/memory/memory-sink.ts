import { SinkError, ValidationError } from "../errors.js";
import type { BatchItem, RecordBatch, RecordSinkObject, SinkAnswer } from "../ports/record-sink.js";
import type { HeldRecord } from "../ports/sink-reader.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { HostRecord, RecordType } from "../records/record.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { OrderedMap } from "./ordered-map.js";
import { scopeKey } from "./scope-key.js";

export interface MemorySinkOptions {
  /**
   * A {@link memoryStorage} whose transactions the sink joins: each record arrives exactly once.
   * @defaultValue none: batches are written one by one, at least once
   */
  readonly storage?: Storage | undefined;
}

/** A record as it was last delivered. */
export interface SinkRecord {
  readonly revision: number;
  readonly record: HostRecord;
}

export interface MemorySink extends RecordSinkObject {
  /**
   * The current records by customer or invoice id, ascending as numbers; removed ones are left out.
   * @param scope - May be left out while the sink holds records of one tenant only.
   * @throws {@link ValidationError} when it is left out and there are several.
   */
  records(record: RecordType, scope?: TenantScope): ReadonlyMap<string, SinkRecord>;
  /** Every accepted batch, in order; one that was sent again is listed once. */
  readonly batches: readonly RecordBatch[];
}

/** The state of a record; `null` for a removed one. */
interface Row {
  readonly revision: number;
  readonly record: HostRecord | null;
}

/**
 * Keeps delivered records in this process's memory, batches included: for trials and tests.
 *
 * @example
 * const storage = memoryStorage();
 * const sink = memorySink({ storage });
 * const titan = createTitanSync({ storage, keys, sink });
 * // … after a run:
 * console.log(sink.records("member").get("101")?.record.customer_name);
 */
export function memorySink({ storage }: MemorySinkOptions = {}): MemorySink {
  const tables = new SinkTables();
  const accepted: SinkAnswer = { rejected: [] };

  const sink: MemorySink = {
    async write(batch, { signal }) {
      signal.throwIfAborted();
      tables.take(batch);
      return accepted;
    },
    reader: {
      async find({ scope, record, keys }) {
        return keys.flatMap((key) => tables.held(scope, record, key));
      },
      async list({ scope, record, after, limit }) {
        return tables.heldAbove(scope, record, after, limit);
      },
    },
    records: (record, scope) => tables.current(record, scope),
    get batches() {
      return tables.batches;
    },
  };
  if (storage === undefined) return sink;

  return Object.assign(sink, {
    database: storage.database,
    async writeIn(transaction: unknown, batch: RecordBatch, { signal }: { signal: AbortSignal }) {
      signal.throwIfAborted();
      if (!(transaction instanceof MemoryTransaction)) {
        throw new SinkError("The memory sink can only join transactions of its own memory storage.");
      }
      transaction.onCommit(() => tables.take(batch));
      return accepted;
    },
  });
}

class SinkTables {
  readonly batches: RecordBatch[] = [];
  readonly #batchIds = new Set<string>();
  readonly #tenants = new Map<RecordType, Map<string, OrderedMap<Row>>>();

  take(batch: RecordBatch): void {
    if (this.#batchIds.has(batch.id)) return;
    this.#batchIds.add(batch.id);
    const kept = structuredClone(batch);
    this.batches.push(kept);
    const tenants = this.#tenants.get(batch.record) ?? new Map<string, OrderedMap<Row>>();
    this.#tenants.set(batch.record, tenants);
    const rows = tenants.get(scopeKey(batch.scope)) ?? new OrderedMap<Row>();
    tenants.set(scopeKey(batch.scope), rows);
    for (const item of kept.items) apply(rows, item);
  }

  held(scope: TenantScope, record: RecordType, key: string): readonly HeldRecord[] {
    const row = this.#rows(scope, record).get(key);
    return row === null || row.record === null ? [] : [{ key, revision: row.revision }];
  }

  heldAbove(
    scope: TenantScope,
    record: RecordType,
    after: string | null,
    limit: number,
  ): readonly HeldRecord[] {
    const held: HeldRecord[] = [];
    for (const [key, row] of this.#rows(scope, record).above(after)) {
      if (held.length === limit) break;
      if (row.record !== null) held.push({ key, revision: row.revision });
    }
    return held;
  }

  #rows(scope: TenantScope, record: RecordType): OrderedMap<Row> {
    return this.#tenants.get(record)?.get(scopeKey(scope)) ?? new OrderedMap<Row>();
  }

  current(record: RecordType, scope?: TenantScope): ReadonlyMap<string, SinkRecord> {
    const tenants = this.#tenants.get(record) ?? new Map<string, OrderedMap<Row>>();
    if (scope === undefined && tenants.size > 1) {
      throw new ValidationError("The sink has records of several tenants.", [
        "scope: expected the tenant whose records to return",
      ]);
    }
    const [only] = tenants.values();
    const rows = scope === undefined ? only : tenants.get(scopeKey(scope));
    const current = new Map<string, SinkRecord>();
    for (const [key, row] of rows?.above(null) ?? []) {
      if (row.record !== null) current.set(key, { revision: row.revision, record: row.record });
    }
    return current;
  }
}

function apply(rows: OrderedMap<Row>, item: BatchItem): void {
  const before = rows.get(item.key);
  if (before !== null && before.revision > item.revision) return;
  rows.set(item.key, { revision: item.revision, record: item.op === "upsert" ? item.record : null });
}
