import type { Storage } from "@titan-sync/core";
import { supersededRun } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";

/** The steps from an accepted id, `?1`; those that form a cycle end. */
const steps = `WITH RECURSIVE steps (run_id) AS (
  SELECT run_id FROM accepted_runs WHERE accepted_id = ?1
  UNION SELECT next.run_id FROM steps JOIN accepted_runs next ON next.accepted_id = steps.run_id
)`;

/** Whether another request took the place of a row of `run`. */
const isSuperseded = `coalesce(run.error ->> '$.code' = '${supersededRun.code}', 0)`;

export async function recordAcceptedRun(
  database: Database,
  { acceptedId, runId }: Parameters<Storage["recordAcceptedRun"]>[0],
): Promise<void> {
  await database.transaction((transaction) => {
    const leadsBack =
      runId === acceptedId ||
      transaction.get(`${steps} SELECT 1 FROM steps WHERE run_id = ?2`, runId, acceptedId) !== undefined;
    const isRun = transaction.get(
      `SELECT 1 FROM runs run WHERE run_id = ?1 AND NOT ${isSuperseded}`,
      acceptedId,
    );
    if (leadsBack || isRun !== undefined) return;
    transaction.run(
      `INSERT INTO accepted_runs (accepted_id, run_id, recorded_at) VALUES (?1, ?2, ?3)
      ON CONFLICT (accepted_id) DO UPDATE SET run_id = excluded.run_id, recorded_at = excluded.recorded_at`,
      acceptedId,
      runId,
      database.now(),
    );
  });
}

export async function findAcceptedRun(database: Database, acceptedId: string): Promise<string | null> {
  return await database.read((statements) => lastStep(statements, acceptedId));
}

/** The run itself, unless another request superseded it and a run that fulfills its id has begun. */
export function findFulfilling<Row>(
  statements: Statements,
  id: string,
  byId: (runId: string) => (Row & { readonly error: string | null }) | undefined,
): Row | undefined {
  const own = byId(id);
  const isOver = own !== undefined && own.error !== null;
  const superseded = `SELECT 1 FROM runs run WHERE run_id = ?1 AND ${isSuperseded}`;
  if (own !== undefined && !(isOver && statements.get(superseded, id) !== undefined)) return own;
  const fulfilling = lastStep(statements, id);
  return fulfilling === null ? own : (byId(fulfilling) ?? own);
}

/** The id at which the steps from an accepted id end; `null` if there are none. */
export function lastStep(statements: Statements, acceptedId: string): string | null {
  const row = statements.get<{ runId: string }>(
    `${steps} SELECT run_id AS runId FROM steps
    WHERE NOT EXISTS (SELECT 1 FROM accepted_runs next WHERE next.accepted_id = steps.run_id)`,
    acceptedId,
  );
  return row?.runId ?? null;
}

export async function pruneAcceptedRuns(
  database: Database,
  { before, limit }: Parameters<Storage["pruneAcceptedRuns"]>[0],
): Promise<number> {
  return await database.transaction((transaction) =>
    transaction.run(
      `DELETE FROM accepted_runs WHERE accepted_id IN (
        SELECT accepted_id FROM accepted_runs INDEXED BY accepted_runs_by_time
        WHERE recorded_at < ?1 ORDER BY recorded_at LIMIT ?2
      )`,
      before,
      limit,
    ),
  );
}
