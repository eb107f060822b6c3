import { AbortedError } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { lowerIdleLimit } from "../database/time-limits.js";
import { asNumber, fromEpochMs } from "../database/values.js";
import { storeEnd } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";

/** How long the lock may be held by a process that has stopped: a run that is to begin waits for it. */
const longestIdleMs = 10_000;
/** Runs that are asked for at once. */
const runsAtOnce = 100;

interface AbandonedRun {
  readonly runNumber: number;
  readonly credentialId: string;
}

/** Ends the runs that nobody has worked on since, and forgets what they had seen. @returns how many they were. */
export async function endAbandoned(
  database: Database,
  before: number,
  signal?: AbortSignal,
): Promise<number> {
  let ended = 0;
  let last = 0;
  for (;;) {
    if (signal?.aborted === true) throw new AbortedError("The work was stopped.");
    const runs = await findAbandoned(database, before, last);
    for (const run of runs) if (await endRun(database, run, before)) ended += 1;
    last = runs.at(-1)?.runNumber ?? last;
    if (runs.length < runsAtOnce) break;
  }
  await forgetSeen(database);
  return ended;
}

/** The condition that nobody works on a run, or has since `$2`. */
function isAbandoned(tables: Tables): string {
  return `run.status IN ('queued', 'running', 'paused') AND run.updated_at < ${fromEpochMs("$2")}
    AND NOT EXISTS (
      SELECT FROM ${tables.leases} lease
      WHERE lease.credential_id = run.credential_id AND lease.expires_at > clock_timestamp()
    )`;
}

async function findAbandoned(
  { query, tables }: Database,
  before: number,
  after: number,
): Promise<readonly AbandonedRun[]> {
  const { rows } = await query<AbandonedRun>(
    `SELECT ${asNumber("run.run_number")} AS "runNumber", run.credential_id AS "credentialId"
    FROM ${tables.runs} run
    WHERE run.run_number > $1 AND ${isAbandoned(tables)} ORDER BY run.run_number LIMIT ${runsAtOnce}`,
    [after, before],
  );
  return rows;
}

/** @returns whether it was ended: somebody may have gone on with it since. */
async function endRun(
  { transaction, tables }: Database,
  { runNumber, credentialId }: AbandonedRun,
  before: number,
): Promise<boolean> {
  return await transaction(async (open: SqlTransaction) => {
    await open.query(`SELECT ${lowerIdleLimit("$1::bigint")}`, [longestIdleMs]);
    // Whoever begins or continues a run takes it as well.
    await open.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [credentialId]);
    const { rowCount } = await open.query(
      `SELECT FROM ${tables.runs} run WHERE run.run_number = $1 AND ${isAbandoned(tables)} FOR UPDATE`,
      [runNumber, before],
    );
    if (rowCount === 0) return false;
    await storeEnd(open, tables, runNumber, "cancelled", null, null);
    return true;
  });
}

/**
 * Forgets what runs that have ended had seen, in steps. Only then: a run that continues needs all of it, or would take
 * what it has seen for gone.
 */
async function forgetSeen(database: Database): Promise<void> {
  const { query, tables } = database;
  const { rows } = await query<{ runNumber: number }>(
    `WITH RECURSIVE seen (run_number) AS (
      (SELECT run_number FROM ${tables.seen_entities} ORDER BY run_number LIMIT 1)
      UNION ALL
      SELECT (
        SELECT next.run_number FROM ${tables.seen_entities} next
        WHERE next.run_number > seen.run_number ORDER BY next.run_number LIMIT 1
      ) FROM seen WHERE seen.run_number IS NOT NULL
    )
    SELECT ${asNumber("run.run_number")} AS "runNumber"
    FROM seen JOIN ${tables.runs} run USING (run_number) WHERE run.completed_at IS NOT NULL`,
    [],
  );
  for (const { runNumber } of rows) await forgetSeenOf(database, runNumber);
}
