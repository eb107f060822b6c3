import { randomUUID } from "node:crypto";
import type { Enqueued, SyncJob } from "@titan-sync/core";
import {
  credentialUnknown,
  nextOfCredential,
  rankOf,
  requestText,
  runIdTaken,
  toOrdered,
} from "@titan-sync/core/support";
import type { OpenTransaction, SqlTransaction } from "@titan-sync/postgres/support";
import { isWaiting, type JobRow, jobColumns, now } from "./job-rows.js";
import { type QueueContext, timeOf } from "./queue-context.js";

/**
 * Decides about a job while nobody else does for its credential.
 * @throws `ConflictError` for an unknown credential, and for the run id of another job.
 */
export async function enqueueJob(
  context: QueueContext,
  transaction: OpenTransaction,
  job: SyncJob,
  { unlessWaiting }: { readonly unlessWaiting: boolean },
): Promise<Enqueued> {
  const { runId, credentialId } = job;
  const request = requestText(job);
  await lockCredential(context, transaction, credentialId);
  for (;;) {
    const same = await findByRun(context, transaction, runId);
    if (same !== null) {
      if (same.credentialId === credentialId && same.request === request) return { runId, outcome: "merged" };
      throw runIdTaken(runId);
    }
    const time = await requireCredential(context, transaction, credentialId);
    const others = (await waitingOf(context, transaction, credentialId)).map(toOrdered);
    const next = nextOfCredential(others, time);
    if (unlessWaiting && next !== null) return { runId: next.row.runId, outcome: "waiting" };
    const equal = nextOfCredential(
      others.filter(({ row }) => row.request === request),
      time,
    );
    if (equal === null) {
      await insert(context, transaction, job, request);
      await context.tell(transaction);
      return { runId, outcome: "queued" };
    }
    // Whoever claims it or removes it at this moment was first: then it is looked at again.
    if (await merge(context, transaction, equal.row, job)) {
      await context.tell(transaction);
      return { runId: equal.row.runId, outcome: "merged" };
    }
  }
}

/** The jobs of a credential that wait. */
export async function waitingOf(
  context: QueueContext,
  { query }: SqlTransaction,
  credentialId: string,
): Promise<readonly JobRow[]> {
  const { rows } = await query<JobRow>(
    `SELECT ${jobColumns} FROM ${context.tables.jobs} job WHERE job.credential_id = $2 AND ${isWaiting}`,
    [timeOf(context), credentialId],
  );
  return rows;
}

async function lockCredential(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  credentialId: string,
): Promise<void> {
  await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${tables.jobs} ${credentialId}`]);
}

async function findByRun(
  { tables }: QueueContext,
  { query }: SqlTransaction,
  runId: string,
): Promise<JobRow | null> {
  const { rows } = await query<JobRow>(
    `SELECT ${jobColumns} FROM ${tables.jobs} job WHERE job.run_id = $1 AND job.credential_id IS NOT NULL`,
    [runId],
  );
  return rows[0] ?? null;
}

/** @returns the time by the queue's clock. */
async function requireCredential(
  context: QueueContext,
  { query }: SqlTransaction,
  credentialId: string,
): Promise<number> {
  const { rows } = await query<{ time: number }>(
    `SELECT ${now}::float8 AS time FROM ${context.database.tables.credentials}
    WHERE credential_id = $2 AND NOT removing FOR KEY SHARE`,
    [timeOf(context), credentialId],
  );
  if (rows[0] === undefined) throw credentialUnknown();
  return rows[0].time;
}

async function merge(
  context: QueueContext,
  { query }: SqlTransaction,
  { jobId }: JobRow,
  { priority }: SyncJob,
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${context.tables.jobs} job SET priority = least(priority, $3::integer),
      available_at = CASE WHEN $3::integer = 0 THEN least(available_at, greatest(${now}, queued_at)) ELSE available_at END,
      look_at = 0
    WHERE job_id = $2 AND ${isWaiting}`,
    [timeOf(context), jobId, rankOf(priority)],
  );
  return rowCount > 0;
}

async function insert(
  context: QueueContext,
  transaction: OpenTransaction,
  job: SyncJob,
  request: string,
): Promise<void> {
  const { tables, carrier } = context;
  const jobId = randomUUID();
  const { rows } = await transaction.query<{ jobNumber: number }>(
    `INSERT INTO ${tables.jobs} (job_id, job_number, run_id, credential_id, company_id, type, request, actor, priority,
      place, queued_at, available_at)
    SELECT $2, nextval('${tables.numbers}'), $3, $4, $5, $6, $7, $8, $9, nextval('${tables.places}'), ${now}, ${now}
    ON CONFLICT (run_id) WHERE credential_id IS NOT NULL DO NOTHING
    RETURNING job_number AS "jobNumber"`,
    [
      timeOf(context),
      jobId,
      job.runId,
      job.credentialId,
      job.companyId,
      job.type,
      request,
      job.actor,
      rankOf(job.priority),
    ],
  );
  // Of another credential, or it would have been found.
  if (rows[0] === undefined) throw runIdTaken(job.runId);
  await carrier.put(transaction, { jobId, jobNumber: rows[0].jobNumber }, job);
}
