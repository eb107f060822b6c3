import { agingMs, type JobRow as CommonRow } from "@titan-sync/core/support";
import type { JobTables } from "../job-tables.js";

/** A job as it is stored. */
export interface JobRow extends CommonRow {
  readonly jobId: string;
  readonly jobNumber: number;
}

export const jobColumns = `job.job_id::text AS "jobId", job.job_number AS "jobNumber", job.run_id AS "runId",
  job.credential_id AS "credentialId", job.company_id AS "companyId", job.type, job.request, job.actor, job.priority,
  job.place::float8 AS place, job.begun::float8 AS begun, job.queued_at::float8 AS "queuedAt",
  job.available_at::float8 AS "availableAt", job.attempts, job.slices, job.lost_claims AS "lostClaims"`;

/** The time of the queue's clock: `$1` in milliseconds, or the server's if that is null. */
export const now = "coalesce($1::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint)";

/** Whether a row of `job` has no live claim. */
export const isWaiting = `job.credential_id IS NOT NULL AND (job.claim_ends_at IS NULL OR job.claim_ends_at <= ${now})`;

/** Whether a row of `job` has a live claim. */
export const isClaimed = `job.credential_id IS NOT NULL AND job.claim_ends_at > ${now}`;

/** Whether a row of `job` rests. A clock that was put back makes nobody rest who does not. */
export const isResting = `job.available_at > greatest(${now}, job.queued_at)`;

/** Since when a row of `job` waits, its rest not counted. */
const since = "greatest(job.queued_at, job.available_at)";

const rank = `greatest(0, job.priority - greatest(0, ${now} - ${since}) / ${agingMs})::integer`;

/**
 * The jobs of some credentials, each with the `rank` that it counts as now and whether it may be claimed (`is_ready`): it
 * waits and does not rest, no other job of its credential has a live claim, and none holds it back. Says the same as
 * the functions of core's `claim-order.ts`.
 * @param which - a condition on rows of `job` that says the same of all rows of a credential.
 */
export const standings = ({ jobs }: JobTables, which: string): string => `
  SELECT standing.*, coalesce(
    NOT is_claimed AND NOT is_resting AND NOT is_blocked, false
  ) AS is_ready
  FROM (
    SELECT job.*, ${rank} AS rank, ${since} AS since, ${isResting} AS is_resting,
      coalesce(job.claim_ends_at > ${now}, false) AS is_claimed,
      bool_or(coalesce(job.claim_ends_at > ${now}, false)) OVER credential OR coalesce(
        first_value(job.begun) OVER unfinished <> coalesce(job.begun, 0)
          AND NOT (job.priority = 0 AND first_value(${isResting}) OVER unfinished),
        false
      ) AS is_blocked
    FROM ${jobs} job WHERE job.credential_id IS NOT NULL AND ${which}
    WINDOW credential AS (PARTITION BY job.credential_id),
      unfinished AS (PARTITION BY job.credential_id ORDER BY job.begun DESC NULLS LAST)
  ) standing`;

/** When a row of {@link standings} has to be looked at again: what others do to it, they say themselves. */
export const nextLook = `CASE WHEN is_claimed THEN claim_ends_at WHEN is_blocked THEN NULL WHEN is_resting THEN available_at
  WHEN rank > 0 THEN since + (priority - rank + 1) * ${agingMs}::bigint END`;
