import { type RecordBatch, type SinkAnswer, writeWithoutRefused } from "@titan-sync/core";
import { asRefusal, batchIdsForgottenAtOnce, batchIdsKnownForMs } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { writeBatch } from "./write-batch.js";

/**
 * Writes a batch in its own transaction, unless that was done before. Items that the database refuses are found
 * and answered as refused, the same ones when the batch is sent again.
 *
 * @throws `StorageError` when the database fails: nothing is refused for that.
 */
export async function writeOnce(database: Database, batch: RecordBatch): Promise<SinkAnswer> {
  return await database.transaction(async (transaction) => {
    const now = database.now();
    const known = findAnswer(transaction, batch);
    if (known !== null) return known;
    const answer = await writeWithoutRefused(batch.items, (items) =>
      transaction.attempt(async () => writePart(transaction, { ...batch, items }, now)),
    );
    noteAnswer(transaction, batch, answer, now);
    return answer;
  });
}

/** Distinguishes data that the database refuses from a database that fails. */
export function writePart(statements: Statements, batch: RecordBatch, now: number): SinkAnswer {
  try {
    return writeBatch(statements, batch, now);
  } catch (error) {
    throw asRefusal(error);
  }
}

function findAnswer(statements: Statements, { id, scope }: RecordBatch): SinkAnswer | null {
  const row = statements.get<{ rejected: string | null }>(
    "SELECT rejected FROM stream_batches WHERE company_id = ?1 AND batch_id = ?2",
    scope.companyId,
    id,
  );
  if (row === undefined) return null;
  return { rejected: JSON.parse(row.rejected ?? "[]") as SinkAnswer["rejected"] };
}

function noteAnswer(
  statements: Statements,
  { id, scope }: RecordBatch,
  { rejected }: SinkAnswer,
  now: number,
): void {
  statements.run(
    "INSERT INTO stream_batches (company_id, batch_id, rejected, written_at) VALUES (?1, ?2, ?3, ?4)",
    scope.companyId,
    id,
    rejected.length === 0 ? null : JSON.stringify(rejected),
    now,
  );
  statements.run(
    `DELETE FROM stream_batches WHERE (company_id, batch_id) IN (
      SELECT company_id, batch_id FROM stream_batches INDEXED BY stream_batches_by_time
      WHERE written_at < ?1 ORDER BY written_at LIMIT ${batchIdsForgottenAtOnce}
    )`,
    now - batchIdsKnownForMs,
  );
}
