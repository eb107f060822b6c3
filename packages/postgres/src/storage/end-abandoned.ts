import type { Storage } from "@titan-sync/core";
import { type Database, longestTurnMs } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber, fromEpochMs } from "../database/values.js";
import { storeEnd } from "./finish-run.js";

interface AbandonedRun {
  readonly runNumber: number;
  readonly credentialId: string;
}

/** Ends runs that nobody has worked on since, each in its own transaction. @returns how many they were. */
export async function endAbandonedRuns(
  database: Database,
  { before, limit }: Parameters<Storage["endAbandonedRuns"]>[0],
): Promise<number> {
  let ended = 0;
  for (const run of await findAbandoned(database, before, limit)) {
    if (await endRun(database, run, before)) ended += 1;
  }
  return ended;
}

/** The condition that nobody works on a run, or has since a time. */
function isAbandoned(tables: Tables, time: string): string {
  return `run.status IN ('queued', 'running', 'paused') AND run.updated_at < ${fromEpochMs(time)}
    AND NOT EXISTS (
      SELECT FROM ${tables.leases} lease
      WHERE lease.credential_id = run.credential_id AND lease.expires_at > clock_timestamp()
    )`;
}

async function findAbandoned(
  { query, tables }: Database,
  before: number,
  limit: number,
): Promise<readonly AbandonedRun[]> {
  const { rows } = await query<AbandonedRun>(
    `SELECT ${asNumber("run.run_number")} AS "runNumber", run.credential_id AS "credentialId"
    FROM ${tables.runs} run
    WHERE ${isAbandoned(tables, "$1")} ORDER BY run.run_number LIMIT $2`,
    [before, limit],
  );
  return rows;
}

/** @returns whether it was ended: it may have been continued meanwhile. */
async function endRun(
  { transaction, tables }: Database,
  { runNumber, credentialId }: AbandonedRun,
  before: number,
): Promise<boolean> {
  const work = async (open: SqlTransaction): Promise<boolean> => {
    // Starting or continuing a run takes it as well.
    await open.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [credentialId]);
    const { rowCount } = await open.query(
      `SELECT FROM ${tables.runs} run WHERE run.run_number = $1 AND ${isAbandoned(tables, "$2")} FOR UPDATE`,
      [runNumber, before],
    );
    if (rowCount === 0) return false;
    await storeEnd(open, tables, runNumber, "cancelled", null, null);
    return true;
  };
  return await transaction(work, { longestIdleMs: longestTurnMs });
}
