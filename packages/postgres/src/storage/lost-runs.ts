import type { Storage, StoredRun } from "@titan-sync/core";
import { type Database, longestTurnMs } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { asNumber } from "../database/values.js";
import { findRunsState, storeState } from "./credential-states.js";
import { storeEnd } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { isLost, type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

/** The longest lost first. */
export async function listLostRuns(
  { query, tables }: Database,
  { limit }: Parameters<Storage["listLostRuns"]>[0],
): Promise<readonly StoredRun[]> {
  const { rows } = await query<RunRow>(
    `${selectRuns(tables)}
    LEFT JOIN ${tables.leases} last ON last.run_number = run.run_number AND last.company_id = run.company_id
    WHERE ${isLost(tables)} ORDER BY last.expires_at, run.run_number LIMIT $1`,
    [limit],
  );
  return rows.map(toStoredRun);
}

/** Ends a run whose worker is gone, unless somebody continues it. */
export async function endLostRun(
  database: Database,
  { runId, error }: Parameters<Storage["endLostRun"]>[0],
): Promise<StoredRun | null> {
  const { tables } = database;
  const end = async (transaction: SqlTransaction) => {
    // Starting or continuing a run takes it as well.
    await transaction.query(
      `SELECT FROM ${tables.leases} lease
      JOIN ${tables.runs} run ON run.credential_id = lease.credential_id AND run.company_id = lease.company_id
      WHERE run.run_id = $1 FOR UPDATE OF lease`,
      [runId],
    );
    const { rows } = await transaction.query<{ runNumber: number; isToCancel: boolean }>(
      `SELECT ${asNumber("run.run_number")} AS "runNumber", EXISTS (
        SELECT FROM ${tables.leases} lease
        WHERE lease.run_number = run.run_number AND lease.company_id = run.company_id
          AND lease.cancel_requested_by IS NOT NULL
      ) AS "isToCancel"
      FROM ${tables.runs} run WHERE run.run_id = $1 AND ${isLost(tables)} FOR UPDATE OF run`,
      [runId],
    );
    const [lost] = rows;
    if (lost === undefined) return null;
    const { runNumber, isToCancel } = lost;
    if (isToCancel) await storeEnd(transaction, tables, runNumber, "cancelled", null, null);
    else await storeEnd(transaction, tables, runNumber, "failed", null, error);
    const { rows: read } = await transaction.query<RunRow>(
      `${selectRuns(tables)} WHERE run.run_number = $1`,
      [runNumber],
    );
    if (read[0] === undefined) return null;
    const run = toStoredRun(read[0]);
    await storeState(transaction, tables, await findRunsState(transaction, tables, run), run, {});
    return { run, runNumber };
  };
  // A run that wants to start waits for it.
  const ended = await database.transaction(end, { longestIdleMs: longestTurnMs });
  if (ended === null) return null;
  // The run has ended even if this fails: pruning deletes what is left.
  await forgetSeenOf(database, ended.runNumber).catch(() => undefined);
  return ended.run;
}
