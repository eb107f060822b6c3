import type { RecordSinkObject } from "../../ports/record-sink.js";
import type { Storage } from "../../ports/storage.js";

/** Whether sink and storage can commit together. */
export function sharesTransactions(storage: Pick<Storage, "database">, sink: RecordSinkObject): boolean {
  return sink.writeIn !== undefined && storage.database !== null && sink.database === storage.database;
}
