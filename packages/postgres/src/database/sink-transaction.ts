import { asRefusal } from "@titan-sync/core/support";
import type { SqlTransaction } from "./sql-transaction.js";

/** A transaction as sinks get it: data that the database refuses is distinguished from a database that fails. */
export function forSink(transaction: SqlTransaction): SqlTransaction {
  return {
    async query(text, values) {
      try {
        return await transaction.query(text, values);
      } catch (error) {
        throw asRefusal(error);
      }
    },
  };
}
