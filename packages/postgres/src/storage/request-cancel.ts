import type { CancelOutcome, CancelParams } from "@titan-sync/core";
import { type Database, longestTurnMs } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber } from "../database/values.js";
import { finishRun } from "./finish-run.js";

/** Has the owner of a run cancel it, or ends a run that nobody owns. */
export async function requestCancel(database: Database, params: CancelParams): Promise<CancelOutcome | null> {
  const { tables } = database;
  // Checked without a lock first: a takeover's lock waits for the writers of a live run.
  if (await notifyHolder(database, tables, params)) return "requested";
  const work = async (transaction: SqlTransaction): Promise<CancelOutcome | null> => {
    await lockForTakeover(transaction, tables, params);
    // It may have been continued meanwhile.
    if (await notifyHolder(transaction, tables, params)) return "requested";
    const run = await findRun(transaction, tables, params);
    if (run === null) return null;
    if (!run.isCurrent) return "ended";
    await finishRun(transaction, tables, run.runNumber, "cancelled", null, null);
    return "cancelled";
  };
  // A run that wants to start waits for it.
  return await database.transaction(work, { longestIdleMs: longestTurnMs });
}

/** @returns `false` when nobody owns the run. */
async function notifyHolder(
  { query }: Pick<SqlTransaction, "query">,
  tables: Tables,
  { companyId, runId, actor }: CancelParams,
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.leases} lease SET cancel_requested_by = coalesce(lease.cancel_requested_by, $3)
    FROM ${tables.runs} run
    WHERE run.run_id = $2 AND run.company_id = $1
      AND lease.run_number = run.run_number AND lease.company_id = $1
      AND lease.expires_at > clock_timestamp()`,
    [companyId, runId, actor],
  );
  return rowCount === 1;
}

/** Waits for the last owner's writers, and prevents the next one from starting. */
async function lockForTakeover(
  transaction: SqlTransaction,
  tables: Tables,
  { companyId, runId }: CancelParams,
): Promise<void> {
  await transaction.query(
    `SELECT FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.credential_id = lease.credential_id AND run.company_id = lease.company_id
    WHERE run.run_id = $2 AND run.company_id = $1
    FOR UPDATE OF lease`,
    [companyId, runId],
  );
}

async function findRun(
  transaction: SqlTransaction,
  tables: Tables,
  { companyId, runId }: CancelParams,
): Promise<{ readonly runNumber: number; readonly isCurrent: boolean } | null> {
  const { rows } = await transaction.query<{ runNumber: number; isCurrent: boolean }>(
    `SELECT ${asNumber("run_number")} AS "runNumber",
      status IN ('queued', 'running', 'paused') AS "isCurrent"
    FROM ${tables.runs} WHERE run_id = $2 AND company_id = $1`,
    [companyId, runId],
  );
  return rows[0] ?? null;
}
