import { type RecordBatch, type SinkAnswer, writeWithoutRefused } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { forSink } from "../database/sink-transaction.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { recordBatch } from "./note-batch.js";

/**
 * Writes a batch in its own transaction, unless that was done before. Items that the database refuses are found and
 * answered as refused, the same ones when the batch is sent again.
 *
 * @throws `StorageError` when the database fails: nothing is refused for that.
 */
export async function writeOnce(
  { tables, transaction }: Pick<Database, "tables" | "transaction">,
  batch: RecordBatch,
  write: (open: SqlTransaction, part: RecordBatch) => Promise<SinkAnswer>,
): Promise<SinkAnswer> {
  const known = [batch.scope.companyId, batch.id];
  return await transaction(async (open) => {
    if (!(await recordBatch(open, tables, batch))) {
      const { rows } = await open.query<{ rejected: string }>(
        `SELECT rejected::text AS rejected FROM ${tables.stream_batches} WHERE company_id = $1 AND batch_id = $2`,
        known,
      );
      return { rejected: JSON.parse(rows[0]?.rejected ?? "[]") as SinkAnswer["rejected"] };
    }
    const answer = await writeWithoutRefused(batch.items, (items) =>
      open.attempt(() => write(forSink(open), { ...batch, items })),
    );
    if (answer.rejected.length > 0) {
      await open.query(
        `UPDATE ${tables.stream_batches} SET rejected = $3 WHERE company_id = $1 AND batch_id = $2`,
        [...known, JSON.stringify(answer.rejected)],
      );
    }
    return answer;
  });
}
