import { randomUUID } from "node:crypto";
import type { ClaimedJob, JobQueue } from "@titan-sync/core";
import { jobOfRow, rankOf } from "@titan-sync/core/support";
import { longestTurnMs, type SqlTransaction } from "@titan-sync/postgres/support";
import { type JobRow, jobColumns, now, standings } from "./job-rows.js";
import { type QueueContext, timeOf } from "./queue-context.js";
import { lookAtCredential, mostAtOnce, settleJobs, settleTurn } from "./ready-jobs.js";

type ClaimParams = Parameters<JobQueue["claim"]>[0];

interface NextJob extends JobRow {
  readonly rank: number;
  readonly isLost: boolean;
  readonly isReady: boolean;
}

/** A company, and the rank in which it has its turn. */
interface Turn {
  readonly companyId: string;
  readonly rank: number;
}

/**
 * Claims the next job. One process claims at a time: the order is strict. Whoever finds none has kept nobody waiting.
 */
export async function claimJob(
  context: QueueContext,
  { worker, claimMs, minPriority = "bulk" }: ClaimParams,
): Promise<ClaimedJob | null> {
  const { database, carrier } = context;
  const lowest = rankOf(minPriority);
  if (!(await mayHaveNext(context, lowest))) return null;
  const work = async (transaction: SqlTransaction): Promise<ClaimedJob | null> => {
    const time = await waitForTurn(context, transaction);
    let settled = await settleJobs(context, transaction, time);
    /** Their jobs are being changed by open transactions, which tell when they have committed. */
    const passedOver: Turn[] = [];
    for (;;) {
      const turn = await findTurn(context, transaction, lowest, passedOver);
      if (turn === null) {
        if (settled < mostAtOnce) return null;
        settled = await settleJobs(context, transaction, time);
        continue;
      }
      const next = await findJob(context, transaction, turn, time);
      if (next === null) {
        if (await settleTurn(context, transaction, turn)) passedOver.push(turn);
      } else if (!next.isReady) {
        await lookAtCredential(context, transaction, next.credentialId);
        settled = await settleJobs(context, transaction, time);
      } else if (await carrier.activate(transaction, next)) {
        return await claim(context, transaction, next, { worker, claimMs });
      } else {
        await drop(context, transaction, next);
        settled = await settleJobs(context, transaction, time);
      }
    }
  };
  return await database.transaction(work, { longestIdleMs: longestTurnMs });
}

/** A look without a lock: most of those who ask find nothing. */
async function mayHaveNext(context: QueueContext, lowest: number): Promise<boolean> {
  const { database, tables } = context;
  const { rows } = await database.query<{ mayHaveNext: boolean }>(
    `SELECT EXISTS (
      SELECT FROM ${tables.jobs} WHERE look_at <= ${now} AND credential_id IS NOT NULL
    ) OR EXISTS (
      SELECT FROM ${tables.turns} WHERE first_place IS NOT NULL AND rank <= $2
    ) AS "mayHaveNext"`,
    [timeOf(context), lowest],
  );
  return rows[0]?.mayHaveNext ?? false;
}

/** @returns the time by the queue's clock. */
async function waitForTurn(context: QueueContext, { query }: SqlTransaction): Promise<number> {
  const { rows } = await query<{ time: number }>(
    `SELECT pg_advisory_xact_lock(hashtextextended($2, 0)),
      coalesce($1::float8, extract(epoch FROM clock_timestamp())::float8 * 1000) AS time`,
    [timeOf(context), context.tables.jobs],
  );
  return Math.trunc(rows[0]?.time ?? 0);
}

async function findTurn(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  lowest: number,
  passedOver: readonly Turn[],
): Promise<Turn | null> {
  const { rows } = await query<Turn>(
    `SELECT company_id AS "companyId", rank FROM ${tables.turns} turn
    WHERE first_place IS NOT NULL AND rank <= $1 AND NOT EXISTS (
      SELECT FROM unnest($2::text[], $3::integer[]) passed (company_id, rank)
      WHERE passed.company_id = turn.company_id AND passed.rank = turn.rank
    )
    ORDER BY rank, last_turn, first_place LIMIT 1`,
    [lowest, passedOver.map(({ companyId }) => companyId), passedOver.map(({ rank }) => rank)],
  );
  return rows[0] ?? null;
}

/** The company's first job of the rank, and whether it may be claimed still. Leaves out those that are being changed. */
async function findJob(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  { companyId, rank }: Turn,
  time: number,
): Promise<NextJob | null> {
  const { rows } = await query<NextJob>(
    `WITH first AS MATERIALIZED (
      SELECT * FROM ${tables.jobs}
      WHERE company_id = $2 AND ready_rank = $3 AND credential_id IS NOT NULL
      ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    SELECT ${jobColumns}, job.ready_rank AS rank, job.claim_id IS NOT NULL AS "isLost", (
      SELECT is_ready AND standing.rank <= $3 FROM (
        ${standings(tables, "job.credential_id = (SELECT credential_id FROM first)")}
      ) standing WHERE standing.job_id = job.job_id
    ) AS "isReady"
    FROM first job`,
    [time, companyId, rank],
  );
  return rows[0] ?? null;
}

/** Somebody has canceled it in pg-boss. */
async function drop(
  context: QueueContext,
  transaction: SqlTransaction,
  { jobId, credentialId }: NextJob,
): Promise<void> {
  await transaction.query(`DELETE FROM ${context.tables.jobs} WHERE job_id = $1`, [jobId]);
  await lookAtCredential(context, transaction, credentialId);
}

async function claim(
  context: QueueContext,
  { query }: SqlTransaction,
  { jobId, credentialId, companyId, rank }: NextJob,
  { worker, claimMs }: { readonly worker: string; readonly claimMs: number },
): Promise<ClaimedJob | null> {
  const { tables } = context;
  const claimId = randomUUID();
  const { rows } = await query<JobRow>(
    `WITH number AS (SELECT nextval('${tables.places}') AS value), noted AS (
      UPDATE ${tables.turns} SET last_turn = value, first_place = (
        SELECT place FROM ${tables.jobs} other
        WHERE other.company_id = $3 AND other.ready_rank = $4 AND other.credential_id <> $8
        ORDER BY place LIMIT 1
      )
      FROM number WHERE company_id = $3 AND rank = $4
    )
    UPDATE ${tables.jobs} job SET lost_claims = lost_claims + (claim_id IS NOT NULL)::integer, begun = number.value,
      claim_id = $5, worker = $6, claim_ends_at = ${now} + $7::bigint, ready_rank = NULL, look_at = ${now} + $7::bigint
    FROM number WHERE job_id = $2 RETURNING ${jobColumns}`,
    [timeOf(context), jobId, companyId, rank, claimId, worker, Math.ceil(claimMs), credentialId],
  );
  return rows[0] === undefined ? null : { job: jobOfRow(rows[0]), claimId };
}
