import type { QueuedJob, SyncType } from "@titan-sync/core";
import {
  agingMs,
  type JobRequest,
  jobPriorities,
  requestOf,
  type WaitingJob,
} from "@titan-sync/core/support";

/** A job as it is stored. */
export interface JobRow {
  readonly jobNumber: number;
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly type: SyncType;
  readonly request: string;
  readonly actor: string;
  readonly priority: number;
  readonly rank: number;
  readonly place: number;
  readonly queuedAt: number;
  readonly availableAt: number;
  readonly attempts: number;
  readonly slices: number;
  readonly lostClaims: number;
  readonly begun: number | null;
}

export const jobColumns = `job_number AS jobNumber, run_id AS runId, credential_id AS credentialId,
  company_id AS companyId, type, request, actor, priority, rank, place, queued_at AS queuedAt,
  available_at AS availableAt, attempts, slices, lost_claims AS lostClaims, begun`;

export function requestText(job: JobRequest): string {
  return JSON.stringify(requestOf(job));
}

export function priorityOf(rank: number): QueuedJob["priority"] {
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
  const priority = priorityOf(row.priority);
  return { credentialId, companyId, priority, queuedAt, availableAt, place, begun, row };
}

/** Whether a row of `job` has no live claim. The time is `?1`, here and below. */
export const isWaiting = "(job.claim_ends_at IS NULL OR job.claim_ends_at <= ?1)";

/**
 * Whether a row of `job` may be claimed: it waits and does not rest, no other job of its credential has a live claim,
 * and none holds it back. Says the same as the functions of core's `claim-order.ts`.
 */
export const isClaimable = `${isWaiting} AND job.available_at <= max(?1, job.queued_at)
  AND NOT EXISTS (
    SELECT 1 FROM jobs busy WHERE busy.credential_id = job.credential_id AND busy.claim_ends_at > ?1
  )
  AND coalesce((
    SELECT unfinished.begun IS job.begun
      OR (job.priority = 0 AND unfinished.available_at > max(?1, unfinished.queued_at))
    FROM jobs unfinished
    WHERE unfinished.credential_id = job.credential_id AND unfinished.begun IS NOT NULL
    ORDER BY unfinished.begun DESC LIMIT 1
  ), 1)`;

/** The rank of what a row of `jobs` counts as now. A time that is bound comes as a number with fractions. */
export const rankNow = `max(0, priority - CAST(max(0, ?1 - max(queued_at, available_at)) / ${agingMs} AS INTEGER))`;

/** Sets what a row of `jobs` counts as now, and its company's last turn there. */
export const setRank = `rank = ${rankNow},
  gains_at = CASE WHEN ${rankNow} > 0
    THEN max(queued_at, available_at) + (priority - ${rankNow} + 1) * ${agingMs} END,
  last_turn = coalesce((
    SELECT turn.last_turn FROM job_turns turn
    WHERE turn.company_id = jobs.company_id AND turn.rank = ${rankNow}
  ), 0)`;
