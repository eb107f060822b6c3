import { AbortedError, type PrunedCounts, type PruneLimits } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { fromEpochMs } from "../database/values.js";
import { endAbandoned } from "./end-abandoned.js";

/** Rows that one transaction takes away: few enough that nobody waits long for it. */
const step = 1000;

/** Takes away history that is older than it is to be kept. @throws {@link AbortedError} between steps. */
export async function prune(
  database: Database,
  before: PruneLimits,
  signal?: AbortSignal,
): Promise<PrunedCounts> {
  const inSteps = stepsUntil(signal);
  const pauses = before.pauses === undefined ? 0 : await endAbandoned(database, before.pauses, signal);
  const old = await inSteps(before.runs, (time) => pruneRuns(database, time, false));
  const idle = await inSteps(before.idleRuns, (time) => pruneRuns(database, time, true));
  const rejections = await inSteps(before.rejections, (time) => prunePayloads(database, time));
  const audit = await inSteps(before.audit, (time) => pruneAudit(database, time));
  await inSteps(before.runs, (time) => pruneBudgets(database, time));
  return { runs: old + idle, pauses, rejections, audit };
}

function stepsUntil(signal: AbortSignal | undefined) {
  return async (time: number | undefined, takeStep: (time: number) => Promise<number>): Promise<number> => {
    if (time === undefined) return 0;
    for (let total = 0; ; ) {
      if (signal?.aborted === true) throw new AbortedError("The work was stopped.");
      const taken = await takeStep(time);
      total += taken;
      if (taken < step) return total;
    }
  };
}

/**
 * A credential's newest run stays until it is removed, and so does its last completed one; a tenant's newest stays
 * as long as anything else is kept of it.
 */
async function pruneRuns({ query, tables }: Database, time: number, onlyIdle: boolean): Promise<number> {
  const isNewer = "(newer.started_at, newer.run_number) > (run.started_at, run.run_number)";
  const ofCredential = `SELECT FROM ${tables.runs} newer WHERE newer.credential_id = run.credential_id AND ${isNewer}`;
  const ofTenant = [
    tables.entities,
    tables.work_items,
    tables.delivered_records,
    tables.stored_batches,
    tables.rejections,
  ];
  const hasData = ofTenant.map(
    (table) => `EXISTS (SELECT FROM ${table} kept WHERE kept.scope_id = run.scope_id)`,
  );
  const { rowCount } = await query(
    `DELETE FROM ${tables.runs} WHERE run_number IN (
      SELECT run.run_number FROM ${tables.runs} run
      WHERE run.completed_at < ${fromEpochMs("$1")} ${onlyIdle ? "AND run.idle" : ""}
        AND (
          NOT EXISTS (SELECT FROM ${tables.credentials} held WHERE held.credential_id = run.credential_id)
          OR (EXISTS (${ofCredential})
            AND (run.status <> 'completed' OR EXISTS (${ofCredential} AND newer.status = 'completed')))
        )
        AND (
          EXISTS (SELECT FROM ${tables.runs} newer WHERE newer.scope_id = run.scope_id AND ${isNewer})
          OR NOT (${hasData.join(" OR ")})
        )
      ORDER BY run.completed_at LIMIT ${step}
    )`,
    [time],
  );
  return rowCount;
}

/** What is rejected of a record can be derived again; a broken row is nowhere else. */
async function prunePayloads({ query, tables }: Database, time: number): Promise<number> {
  const { rowCount } = await query(
    `UPDATE ${tables.rejections} SET payload = NULL WHERE rejection_id IN (
      SELECT rejection_id FROM ${tables.rejections}
      WHERE last_seen_at < ${fromEpochMs("$1")} AND stage <> 'structure' AND payload IS NOT NULL
      ORDER BY last_seen_at LIMIT ${step} FOR UPDATE
    )`,
    [time],
  );
  return rowCount;
}

/** A budget that nobody has used for long is as good as a new one. */
async function pruneBudgets({ query, tables }: Database, time: number): Promise<number> {
  const { rowCount } = await query(
    `DELETE FROM ${tables.rate_limits} WHERE budget_key IN (
      SELECT budget_key FROM ${tables.rate_limits}
      WHERE greatest(next_slot_at, paused_until, last_429_at)
        < least(${fromEpochMs("$1")}, clock_timestamp() - interval '1 day')
      LIMIT ${step} FOR UPDATE SKIP LOCKED
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
