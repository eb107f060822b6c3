import type { SyncStore } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { fromEpochMs } from "../database/values.js";

/** Rows that one transaction takes away: few enough that nobody waits long for it. */
const step = 1000;

/** Takes away what is older than it is to be kept. */
export async function prune(
  database: Database,
  before: Parameters<SyncStore["prune"]>[0],
): Promise<{ readonly runs: number; readonly rejections: number; readonly audit: number }> {
  return {
    runs: await inSteps(before.runs, (time) => pruneRuns(database, time)),
    rejections: await inSteps(before.rejections, (time) => pruneRejections(database, time)),
    audit: await inSteps(before.audit, (time) => pruneAudit(database, time)),
  };
}

async function inSteps(
  time: number | undefined,
  takeStep: (time: number) => Promise<number>,
): Promise<number> {
  if (time === undefined) return 0;
  for (let total = 0; ; ) {
    const taken = await takeStep(time);
    total += taken;
    if (taken < step) return total;
  }
}

/** A credential's newest run stays, and so does its last completed one. */
async function pruneRuns({ query, tables }: Database, time: number): Promise<number> {
  const newer = `newer.credential_id = run.credential_id
    AND (newer.started_at, newer.run_number) > (run.started_at, run.run_number)`;
  const { rowCount } = await query(
    `DELETE FROM ${tables.runs} WHERE run_number IN (
      SELECT run.run_number FROM ${tables.runs} run
      WHERE run.completed_at < ${fromEpochMs("$1")}
        AND EXISTS (SELECT FROM ${tables.runs} newer WHERE ${newer})
        AND (run.status <> 'completed'
          OR EXISTS (SELECT FROM ${tables.runs} newer WHERE ${newer} AND newer.status = 'completed'))
      ORDER BY run.completed_at LIMIT ${step}
    )`,
    [time],
  );
  return rowCount;
}

async function pruneRejections({ query, tables }: Database, time: number): Promise<number> {
  const { rowCount } = await query(
    `DELETE FROM ${tables.rejections} WHERE rejection_id IN (
      SELECT rejection_id FROM ${tables.rejections} WHERE last_seen_at < ${fromEpochMs("$1")}
      ORDER BY last_seen_at LIMIT ${step} FOR UPDATE
    )`,
    [time],
  );
  return rowCount;
}

async function pruneAudit({ tables, transaction }: Database, time: number): Promise<number> {
  return await transaction(async (open: SqlTransaction) => {
    // The audit log is append-only, but for this.
    await open.query("SELECT set_config('titan_sync.pruning', 'on', true)");
    const { rowCount } = await open.query(
      `DELETE FROM ${tables.audit} WHERE entry_id IN (
        SELECT entry_id FROM ${tables.audit} WHERE at < ${fromEpochMs("$1")} ORDER BY at LIMIT ${step}
      )`,
      [time],
    );
    return rowCount;
  });
}
