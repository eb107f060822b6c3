import type { EndStatus, RunFailure, RunWarning } from "@titan-sync/core";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";

/** Ends a run for good, and forgets what it had seen and how far it had come. */
export async function finishRun(...params: Parameters<typeof storeEnd>): Promise<void> {
  const [transaction, tables, runNumber] = params;
  await storeEnd(...params);
  await transaction.query(`DELETE FROM ${tables.seen_entities} WHERE run_number = $1`, [runNumber]);
}

/** Ends a run permanently. What it had seen is no longer needed, and is deleted. */
export async function storeEnd(
  transaction: SqlTransaction,
  tables: Tables,
  runNumber: number,
  status: Exclude<EndStatus, "paused">,
  warnings: readonly RunWarning[] | null,
  error: RunFailure | null,
): Promise<void> {
  await transaction.query(
    `UPDATE ${tables.runs} run
    SET status = $2, warnings = coalesce($3::json, warnings), error = $4::json,
      updated_at = ended.at, completed_at = ended.at,
      duration_ms = (extract(epoch FROM ended.at - run.started_at) * 1000)::bigint,
      rows_read = coalesce(
        (SELECT sum(read) FROM ${tables.run_feeds} WHERE run_number = $1 AND company_id = run.company_id), 0
      ),
      (records_derived, records_rejected) = (
        SELECT coalesce(sum(derived), 0), coalesce(sum(rejected), 0) FROM ${tables.run_records}
        WHERE run_number = $1 AND company_id = run.company_id
      )
    FROM (SELECT clock_timestamp()::timestamptz(3) AS at) ended
    WHERE run.run_number = $1`,
    [
      runNumber,
      status,
      warnings === null ? null : JSON.stringify(warnings),
      error === null ? null : JSON.stringify(error),
    ],
  );
  await transaction.query(`DELETE FROM ${tables.run_places} WHERE run_number = $1`, [runNumber]);
}
