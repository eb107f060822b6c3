import type { Storage } from "@titan-sync/core";
import { supersededRun } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import type { Tables } from "../database/tables.js";
import { fromEpochMs } from "../database/values.js";

/** The limit keeps PostgreSQL, which expects many steps, from reading the whole table for them. */
const nextStep = ({ accepted_runs }: Tables): string =>
  `(SELECT next.run_id FROM ${accepted_runs} next WHERE next.accepted_id = steps.run_id LIMIT 1)`;

/** The steps from an accepted id; those that form a cycle end. */
const stepsFrom = (tables: Tables, start: string): string => `WITH RECURSIVE steps (run_id) AS (
  SELECT run_id FROM ${tables.accepted_runs} WHERE accepted_id = ${start}
  UNION SELECT next.run_id FROM steps CROSS JOIN LATERAL ${nextStep(tables)} next
)`;

/** SQL that gives the id at which the steps from an accepted id end; nothing if there are none. */
export const lastStep = (tables: Tables, start: string): string => `${stepsFrom(tables, start)}
  SELECT run_id FROM steps WHERE ${nextStep(tables)} IS NULL`;

/** Whether another request took the place of a row of `run`. */
export const isSuperseded = `coalesce(run.error ->> 'code' = '${supersededRun.code}', false)`;

export async function recordAcceptedRun(
  { query, tables }: Database,
  { acceptedId, runId }: Parameters<Storage["recordAcceptedRun"]>[0],
): Promise<void> {
  if (acceptedId === runId) return;
  await query(
    `INSERT INTO ${tables.accepted_runs} (accepted_id, run_id)
    SELECT $1, $2
    WHERE NOT EXISTS (SELECT FROM ${tables.runs} run WHERE run_id = $1 AND NOT ${isSuperseded})
      AND NOT EXISTS (${stepsFrom(tables, "$2")} SELECT FROM steps WHERE run_id = $1)
    ON CONFLICT (accepted_id) DO UPDATE SET run_id = excluded.run_id, recorded_at = excluded.recorded_at`,
    [acceptedId, runId],
  );
}

export async function findAcceptedRun(
  { query, tables }: Database,
  acceptedId: string,
): Promise<string | null> {
  const { rows } = await query<{ run_id: string }>(lastStep(tables, "$1"), [acceptedId]);
  return rows[0]?.run_id ?? null;
}

export async function pruneAcceptedRuns(
  { query, tables }: Database,
  { before, limit }: Parameters<Storage["pruneAcceptedRuns"]>[0],
): Promise<number> {
  const { rowCount } = await query(
    `DELETE FROM ${tables.accepted_runs} WHERE accepted_id IN (
      SELECT accepted_id FROM ${tables.accepted_runs} WHERE recorded_at < ${fromEpochMs("$1")}
      ORDER BY recorded_at LIMIT $2
    )`,
    [before, limit],
  );
  return rowCount;
}
