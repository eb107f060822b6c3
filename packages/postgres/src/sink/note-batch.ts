import type { RecordBatch } from "@titan-sync/core";
import { batchIdsForgottenAtOnce, batchIdsKnownForMs } from "@titan-sync/core/support";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";

/** Records that a batch is written in this transaction. @returns whether it is the first time. */
export async function recordBatch(
  transaction: Pick<SqlTransaction, "query">,
  tables: Tables,
  { id, scope }: Pick<RecordBatch, "id" | "scope">,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `INSERT INTO ${tables.stream_batches} (company_id, batch_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [scope.companyId, id],
  );
  if (rowCount === 0) return false;
  await transaction.query(
    `DELETE FROM ${tables.stream_batches} WHERE (company_id, batch_id) IN (
      SELECT company_id, batch_id FROM ${tables.stream_batches}
      WHERE written_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
      ORDER BY written_at LIMIT ${batchIdsForgottenAtOnce} FOR UPDATE SKIP LOCKED
    )`,
    [batchIdsKnownForMs],
  );
  return true;
}
