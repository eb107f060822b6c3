import {
  AbortedError,
  type ByRecordType,
  ConfigError,
  type RecordSinkObject,
  type RecordType,
  recordColumns,
  SinkError,
} from "@titan-sync/core";
import { type DatabaseOptions, openDatabase } from "../database/database.js";
import { isSqlTransaction, type SqlTransaction } from "../database/sql-transaction.js";
import { appendRows } from "./append-rows.js";
import { checkHostTable, type HostTable, type TargetTable } from "./host-table.js";
import { warnOfIdentity } from "./identity-left.js";
import { writeOnce } from "./write-once.js";

export interface PostgresAppendSinkOptions extends DatabaseOptions {
  /**
   * The host's tables by record type. A run fails if it has members or invoices without a table; an instance with
   * another record type without a table does not start.
   */
  readonly tables: ByRecordType<HostTable | undefined>;
}

/** Those of `@titan-sync/core`, which a host need not sync. */
const knownTypes: readonly RecordType[] = Object.keys(recordColumns);

/**
 * Appends records to the host's tables: one row for each change, so that a consumer that marks rows as processed misses
 * none. Removals are not written; the run warns with their number. A record that returns is appended again. Columns
 * that a company's mapping adds are written if the table has them.
 *
 * On the storage's pool it writes inside the storage's transactions: exactly once. In another database it stores the
 * ids of the batches that it has written, in tables that {@link migrate} creates, and skips batches with a known id.
 *
 * @example
 * const sink = postgresAppendSink({
 *   pool,
 *   tables: {
 *     member: { table: "members_stream" },
 *     invoice: { table: "invoices_stream", columns: { zone: "area", summary: null } },
 *   },
 * });
 */
export function postgresAppendSink({
  tables: given,
  ...options
}: PostgresAppendSinkOptions): RecordSinkObject {
  const database = openDatabase(options);
  const recordTypes = [...new Set([...knownTypes, ...Object.keys(given)])];
  const targets = new Map<RecordType, TargetTable>();

  async function targetOf(
    connection: Pick<SqlTransaction, "query">,
    record: RecordType,
  ): Promise<TargetTable> {
    const known = targets.get(record);
    if (known !== undefined) return known;
    const table = given[record];
    if (table === undefined) throw new ConfigError(`The sink has no table for ${record} records.`);
    const target = await checkHostTable(connection, record, table);
    targets.set(record, target);
    return target;
  }

  return {
    database: database.pool,
    supportsRemoval: false,
    recordTypes,

    async check() {
      // Tables may change while a process runs.
      targets.clear();
      for (const record of recordTypes) if (given[record] !== undefined) await targetOf(database, record);
    },

    async warnings() {
      const tables = recordTypes.flatMap((record) => given[record] ?? []);
      const warnings = await Promise.all(tables.map((table) => warnOfIdentity(database, table)));
      return warnings.flat();
    },

    async writeIn(open, batch, { signal }) {
      requireGoOn(signal);
      if (!isSqlTransaction(open)) {
        throw new SinkError("postgresAppendSink writes only inside a transaction of postgresStorage.");
      }
      return await appendRows(open, await targetOf(open, batch.record), batch);
    },

    async write(batch, { signal }) {
      requireGoOn(signal);
      return await writeOnce(database, batch, async (open, part) =>
        appendRows(open, await targetOf(open, part.record), part),
      );
    },
  };
}

/** @throws {@link AbortedError} when the work was stopped. */
function requireGoOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError("The batch was not written: the work was stopped.");
}
