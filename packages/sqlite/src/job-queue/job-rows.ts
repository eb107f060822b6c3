import { agingMs, type JobRow as CommonRow } from "@titan-sync/core/support";

/** A job as it is stored. */
export interface JobRow extends CommonRow {
  readonly jobNumber: number;
  readonly rank: number;
}

export const jobColumns = `job_number AS jobNumber, run_id AS runId, credential_id AS credentialId,
  company_id AS companyId, type, request, actor, priority, rank, place, queued_at AS queuedAt,
  available_at AS availableAt, attempts, slices, lost_claims AS lostClaims, begun`;

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
