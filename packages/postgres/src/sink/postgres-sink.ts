import { AbortedError, type RecordSinkObject, SinkError } from "@titan-sync/core";
import { streamTypes } from "@titan-sync/core/support";
import { type DatabaseOptions, openDatabase } from "../database/database.js";
import { isSqlTransaction } from "../database/sql-transaction.js";
import { streamReader } from "./stream-reader.js";
import { writeBatch } from "./write-batch.js";
import { writeOnce } from "./write-once.js";

export interface PostgresSinkOptions extends DatabaseOptions {}

/**
 * Stores the current records in `members_stream` and `invoices_stream` of our schema: one row for each record. Each
 * change sets `processed` to false; a removal deletes the row. {@link migrate} creates the tables.
 *
 * On the storage's pool it writes inside the storage's transactions: exactly once. In another database it stores the
 * ids of the batches that it has written, in the same transaction, and skips batches with a known id.
 *
 * An item that the columns cannot store is refused without affecting other items: for example, because of a NUL
 * character in a text, an import id beyond 32 bits, or a constraint that the host has added.
 *
 * @example
 * const sink = postgresSink({ pool });
 */
export function postgresSink(options: PostgresSinkOptions): RecordSinkObject {
  const database = openDatabase(options);
  const { pool, tables } = database;
  return {
    database: pool,
    recordTypes: streamTypes,
    reader: streamReader(database),

    async writeIn(open, batch, { signal }) {
      requireGoOn(signal);
      if (isSqlTransaction(open)) return await writeBatch(open, tables, batch);
      throw new SinkError("postgresSink writes only inside a transaction of postgresStorage.");
    },

    write: async (batch, { signal }) => {
      requireGoOn(signal);
      return await writeOnce(database, batch, (open, part) => writeBatch(open, tables, part));
    },
  };
}

/** @throws {@link AbortedError} when the work was stopped. */
function requireGoOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError("The batch was not written: the work was stopped.");
}
