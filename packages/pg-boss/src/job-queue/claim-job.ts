import { randomUUID } from "node:crypto";
import type { ClaimedJob, JobQueue } from "@titan-sync/core";
import { rankOf } from "@titan-sync/core/support";
import { lowerIdleLimit, type SqlTransaction } from "@titan-sync/postgres/support";
import type { JobTables } from "../job-tables.js";
import { claimable, type JobRow, jobColumns, now, toQueuedJob } from "./job-rows.js";
import { type QueueContext, timeOf } from "./queue-context.js";

/** A machine that disappears while it claims keeps the others from claiming for so long. */
const longestIdleMs = 10_000;

/** Open transactions do not change more jobs at a time; if they do, the others have to wait for them. */
const mostChanging = 500;

interface NextJob extends JobRow {
  readonly rank: number;
  readonly isLost: boolean;
}

/** Claims the next job. One process claims at a time: the order is strict, and a claim takes milliseconds. */
export async function claimJob(
  context: QueueContext,
  { worker, claimMs, minPriority = "bulk" }: Parameters<JobQueue["claim"]>[0],
): Promise<ClaimedJob | null> {
  const { database, tables, carrier } = context;
  return await database.transaction(async (transaction) => {
    const time = await waitForTurn(context, transaction);
    for (;;) {
      const next = await findNext(context, transaction, { time, lowest: rankOf(minPriority) });
      if (next === null) return null;
      if (await carrier.activate(transaction, next)) {
        return await claim(context, transaction, next, { worker, claimMs });
      }
      // Somebody has canceled it in pg-boss.
      await transaction.query(`DELETE FROM ${tables.jobs} WHERE job_id = $1`, [next.jobId]);
    }
  });
}

const withTurns = ({ turns }: JobTables): string =>
  `LEFT JOIN ${turns} turn ON turn.company_id = job.company_id AND turn.rank = standing.rank`;

/** @returns the time by the queue's clock. */
async function waitForTurn(context: QueueContext, { query }: SqlTransaction): Promise<number> {
  const { rows } = await query<{ time: number }>(
    `SELECT ${lowerIdleLimit(String(longestIdleMs))}, pg_advisory_xact_lock(hashtextextended($2, 0)),
      coalesce($1::float8, extract(epoch FROM clock_timestamp())::float8 * 1000) AS time`,
    [timeOf(context), context.tables.jobs],
  );
  return Math.trunc(rows[0]?.time ?? 0);
}

/** Leaves out those that an open transaction is changing: it tells when it has committed. */
async function findNext(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  { time, lowest }: { readonly time: number; readonly lowest: number },
): Promise<NextJob | null> {
  const { rows } = await query<NextJob>(
    `WITH next AS MATERIALIZED (
      SELECT job.job_id, standing.rank, coalesce(turn.last_turn, 0) AS last_turn, job.place
      FROM ${claimable(tables, withTurns(tables))} AND standing.rank <= $2
      ORDER BY standing.rank, coalesce(turn.last_turn, 0), job.place LIMIT ${mostChanging}
    )
    SELECT ${jobColumns}, next.rank, job.claim_id IS NOT NULL AS "isLost"
    FROM next JOIN ${tables.jobs} job USING (job_id)
    ORDER BY next.rank, next.last_turn, next.place LIMIT 1 FOR UPDATE OF job SKIP LOCKED`,
    [time, lowest],
  );
  return rows[0] ?? null;
}

async function claim(
  context: QueueContext,
  { query }: SqlTransaction,
  { jobId, companyId, rank }: NextJob,
  { worker, claimMs }: { readonly worker: string; readonly claimMs: number },
): Promise<ClaimedJob | null> {
  const { tables } = context;
  const claimId = randomUUID();
  const { rows } = await query<JobRow>(
    `WITH number AS (SELECT nextval('${tables.places}') AS value), noted AS (
      INSERT INTO ${tables.turns} (company_id, rank, last_turn) SELECT $3, $4, value FROM number
      ON CONFLICT (company_id, rank) DO UPDATE SET last_turn = excluded.last_turn
    )
    UPDATE ${tables.jobs} job SET lost_claims = lost_claims + (claim_id IS NOT NULL)::integer, begun = number.value,
      claim_id = $5, worker = $6, claim_ends_at = ${now} + $7::bigint
    FROM number WHERE job_id = $2 RETURNING ${jobColumns}`,
    [timeOf(context), jobId, companyId, rank, claimId, worker, Math.ceil(claimMs)],
  );
  return rows[0] === undefined ? null : { job: toQueuedJob(rows[0]), claimId };
}
