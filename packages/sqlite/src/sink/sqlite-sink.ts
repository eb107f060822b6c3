import { AbortedError, type RecordSinkObject, SinkError } from "@titan-sync/core";
import { streamTypes } from "@titan-sync/core/support";
import { openTarget, type SqliteDatabase } from "../database/database.js";
import { OpenTransaction } from "../database/open-transaction.js";
import { requireUsable } from "../migrations/migrate.js";
import { streamReader } from "./stream-reader.js";
import { writeOnce, writePart } from "./write-once.js";

export interface SqliteSinkOptions {
  /** The storage's database, to write in its transactions; or another one. */
  readonly database: SqliteDatabase;
}

/**
 * Stores the current records in `members_stream` and `invoices_stream` of a database file: one row for each record.
 * Each change sets `processed` to 0; a removal deletes the row. {@link migrate} creates the tables.
 *
 * On the storage's database it writes inside the storage's transactions: exactly once. In another database it stores
 * the ids of the batches that it has written, in the same transaction, and skips batches with a known id.
 *
 * An item that the columns cannot store is refused without affecting other items: for example, because of a NUL
 * character in a text, an import id beyond 32 bits, or a constraint that the host has added.
 *
 * @example
 * const database = openSqlite({ path: ".titan-sync/titan-sync.db" });
 * const sink = sqliteSink({ database });
 */
export function sqliteSink(options: SqliteSinkOptions): RecordSinkObject {
  const { database } = requireUsable(openTarget({ database: options.database }));
  return {
    database,
    recordTypes: streamTypes,
    reader: streamReader(database),

    async writeIn(open, batch, { signal }) {
      requireGoOn(signal);
      if (open instanceof OpenTransaction) return writePart(open, batch, database.now());
      throw new SinkError("sqliteSink writes only inside a transaction of sqliteStorage.");
    },

    async write(batch, { signal }) {
      requireGoOn(signal);
      return await writeOnce(database, batch);
    },
  };
}

/** @throws {@link AbortedError} when the work was stopped. */
function requireGoOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError("The batch was not written: the work was stopped.");
}
