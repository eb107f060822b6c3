import type { QueuedJob, SyncType } from "@titan-sync/core";
import {
  agingMs,
  type JobRequest,
  jobPriorities,
  requestOf,
  type WaitingJob,
} from "@titan-sync/core/support";
import type { JobTables } from "../job-tables.js";

/** A job as it is stored. */
export interface JobRow {
  readonly jobId: string;
  readonly jobNumber: number;
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly type: SyncType;
  readonly request: string;
  readonly actor: string;
  readonly priority: number;
  readonly place: number;
  readonly begun: number | null;
  readonly queuedAt: number;
  readonly availableAt: number;
  readonly attempts: number;
  readonly slices: number;
  readonly lostClaims: number;
}

export const jobColumns = `job.job_id::text AS "jobId", job.job_number AS "jobNumber", job.run_id AS "runId",
  job.credential_id AS "credentialId", job.company_id AS "companyId", job.type, job.request, job.actor, job.priority,
  job.place::float8 AS place, job.begun::float8 AS begun, job.queued_at::float8 AS "queuedAt",
  job.available_at::float8 AS "availableAt", job.attempts, job.slices, job.lost_claims AS "lostClaims"`;

export function requestText(job: JobRequest): string {
  return JSON.stringify(requestOf(job));
}

function priorityOf(rank: number): QueuedJob["priority"] {
  return jobPriorities[rank] ?? "bulk";
}

export function toQueuedJob(row: JobRow): QueuedJob {
  const { runId, credentialId, companyId, type, actor, priority, queuedAt, availableAt } = row;
  const { attempts, slices, lostClaims } = row;
  return {
    runId,
    credentialId,
    companyId,
    type,
    ...(JSON.parse(row.request) as JobRequest),
    actor,
    priority: priorityOf(priority),
    queuedAt,
    availableAt,
    attempts,
    slices,
    lostClaims,
  };
}

/** What the order is decided by, and which row it is of. */
export interface OrderedRow extends WaitingJob {
  readonly row: JobRow;
}

export function toOrdered(row: JobRow): OrderedRow {
  const { credentialId, companyId, queuedAt, availableAt, place, begun } = row;
  return {
    credentialId,
    companyId,
    priority: priorityOf(row.priority),
    queuedAt,
    availableAt,
    place,
    begun,
    row,
  };
}

/** The time of the queue's clock: `$1` in milliseconds, or the server's if that is null. */
export const now = "coalesce($1::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint)";

/** Whether a row of `job` has no live claim. */
export const isWaiting = `job.credential_id IS NOT NULL AND (job.claim_ends_at IS NULL OR job.claim_ends_at <= ${now})`;

/** Whether a row of `job` has a live claim. */
export const isClaimed = `job.credential_id IS NOT NULL AND job.claim_ends_at > ${now}`;

/**
 * Every row of `job` that may be claimed, with its `rank`: it waits and does not rest, no other job of its credential has
 * a live claim, and none holds it back. Says the same as the functions of core's `claim-order.ts`. The table is read once,
 * and once more where its jobs have begun, however many wait.
 * @param joins - more of them, which may name `job` and `standing`.
 */
export const claimable = ({ jobs }: JobTables, joins = ""): string => `${jobs} job
  CROSS JOIN LATERAL (
    SELECT greatest(0, job.priority
      - greatest(0, ${now} - greatest(job.queued_at, job.available_at)) / ${agingMs})::integer AS rank
  ) standing
  LEFT JOIN (
    SELECT DISTINCT ON (credential_id) credential_id, begun, available_at > greatest(${now}, queued_at) AS rests,
      bool_or(coalesce(claim_ends_at > ${now}, false)) OVER (PARTITION BY credential_id) AS is_busy
    FROM ${jobs} WHERE begun IS NOT NULL ORDER BY credential_id, begun DESC
  ) unfinished ON unfinished.credential_id = job.credential_id
  ${joins}
  WHERE ${isWaiting} AND job.available_at <= greatest(${now}, job.queued_at)
    AND (
      unfinished.begun IS NULL OR (
        NOT unfinished.is_busy
        AND (unfinished.begun = job.begun OR (job.priority = 0 AND unfinished.rests))
      )
    )`;
