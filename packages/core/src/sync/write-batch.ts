import { SinkError, TitanSyncError } from "../errors.js";
import { orAborted } from "../http/aborted.js";
import type { RecordBatch, RecordSinkObject, SinkAnswer } from "../ports/record-sink.js";
import type { Storage } from "../ports/storage.js";

/** Whether sink and storage can commit together. */
export function sharesTransactions(storage: Pick<Storage, "database">, sink: RecordSinkObject): boolean {
  return sink.writeIn !== undefined && storage.database !== null && sink.database === storage.database;
}

/** @throws {@link SinkError} when the sink did not take the batch, {@link AbortedError} when stopped. */
export async function writeBatch(
  sink: RecordSinkObject,
  batch: RecordBatch,
  signal: AbortSignal,
): Promise<SinkAnswer> {
  return await guarded(() => orAborted(() => sink.write(batch, { signal }), signal));
}

/** Writes inside a transaction of the storage. @throws {@link SinkError} when the sink did not take the batch. */
export async function writeBatchIn(
  sink: RecordSinkObject,
  transaction: unknown,
  batch: RecordBatch,
  signal: AbortSignal,
): Promise<SinkAnswer> {
  return await guarded(
    async () => (await sink.writeIn?.(transaction, batch, { signal })) ?? { rejected: [] },
  );
}

async function guarded(work: () => Promise<SinkAnswer>): Promise<SinkAnswer> {
  try {
    return await work();
  } catch (error) {
    if (TitanSyncError.is(error)) throw error;
    throw new SinkError("The record sink did not take a batch.", {
      cause: error,
      hint: "See the sink's own log. The batch is kept and sent again by the next run.",
    });
  }
}
