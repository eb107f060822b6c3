import type { SqlTransaction } from "@titan-sync/postgres/support";
import { nextLook, standings } from "./job-rows.js";
import type { QueueContext } from "./queue-context.js";

/*
 * Which jobs may be claimed is kept with them, so that a claim reads few rows however many wait. Only claims write it, one
 * at a time. Whoever changes a job otherwise has its credential looked at again with the next claim, and so does a time
 * at which something changes by itself: a rest or a claim that ends, a priority that is gained.
 */

/** Credentials that one step looks at. If more are to be looked at, their jobs wait for the next claims. */
export const mostAtOnce = 500;

/**
 * Decides about the credentials that are to be looked at: which of their jobs is next, if any, and when to look again.
 * Leaves out what open transactions are changing.
 *
 * @returns how many jobs said so; less than {@link mostAtOnce} if there are no more.
 */
export async function settleJobs(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  time: number,
): Promise<number> {
  // Locked by its own statement: what the next one reads is then what the last change left.
  const { rows: locked } = await query<{ jobId: string; isDue: boolean }>(
    `WITH due AS MATERIALIZED (
      SELECT job_id, credential_id FROM ${tables.jobs} WHERE look_at <= $1 AND credential_id IS NOT NULL
      ORDER BY look_at LIMIT ${mostAtOnce} FOR UPDATE SKIP LOCKED
    )
    SELECT job_id::text AS "jobId", job_id IN (SELECT job_id FROM due) AS "isDue" FROM ${tables.jobs}
    WHERE credential_id IN (SELECT credential_id FROM due) FOR UPDATE SKIP LOCKED`,
    [time],
  );
  if (locked.length === 0) return 0;
  await query(
    `WITH locked AS MATERIALIZED (
      SELECT job_id, credential_id FROM ${tables.jobs} WHERE job_id = ANY ($2::uuid[])
    ), decided AS MATERIALIZED (
      SELECT job_id, company_id, place, ${nextLook} AS look_at, CASE WHEN is_ready AND row_number() OVER (
        PARTITION BY credential_id, is_ready ORDER BY rank, place
      ) = 1 THEN rank END AS ready_rank
      FROM (${standings(tables, "job.credential_id IN (SELECT credential_id FROM locked)")}) standing
    ), noted AS (
      INSERT INTO ${tables.turns} AS turn (company_id, rank, last_turn, first_place)
      SELECT company_id, ready_rank, 0, min(place) FROM decided WHERE ready_rank IS NOT NULL GROUP BY 1, 2
      ON CONFLICT (company_id, rank) DO UPDATE
      SET first_place = least(turn.first_place, excluded.first_place)
      WHERE turn.first_place IS DISTINCT FROM least(turn.first_place, excluded.first_place)
    )
    UPDATE ${tables.jobs} job SET ready_rank = decided.ready_rank, look_at = decided.look_at
    FROM decided JOIN locked USING (job_id) WHERE job.job_id = decided.job_id
      AND (job.ready_rank, job.look_at) IS DISTINCT FROM (decided.ready_rank, decided.look_at)`,
    [time, locked.map(({ jobId }) => jobId)],
  );
  return locked.filter(({ isDue }) => isDue).length;
}

/** After a change that lets other jobs of a credential be claimed, or one of them no longer. */
export async function lookAtCredential(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  credentialId: string,
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.jobs} SET look_at = 0 WHERE job_id = (
      SELECT job_id FROM ${tables.jobs} WHERE credential_id = $1 LIMIT 1
    )`,
    [credentialId],
  );
  return rowCount > 0;
}

/**
 * Mends what is noted of a company that has no job to claim in a rank.
 * @returns whether it does have one, which an open transaction is changing.
 */
export async function settleTurn(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  { companyId, rank }: { readonly companyId: string; readonly rank: number },
): Promise<boolean> {
  const { rows } = await query<{ isLeft: boolean }>(
    `UPDATE ${tables.turns} SET first_place = (
      SELECT place FROM ${tables.jobs} WHERE company_id = $1 AND ready_rank = $2 AND credential_id IS NOT NULL
      ORDER BY place LIMIT 1
    ) WHERE company_id = $1 AND rank = $2 RETURNING first_place IS NOT NULL AS "isLeft"`,
    [companyId, rank],
  );
  return rows[0]?.isLeft ?? false;
}
