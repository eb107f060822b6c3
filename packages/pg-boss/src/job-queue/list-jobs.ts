import type { JobQueueStats, Page, PageRequest, QueuedJob } from "@titan-sync/core";
import { jobOfRow, jobStatsOf, lastTurnsOf, listWaiting, toOrdered } from "@titan-sync/core/support";
import { isClaimed, isWaiting, type JobRow, jobColumns, now, standings } from "./job-rows.js";
import { type QueueContext, timeOf } from "./queue-context.js";

/** In the order in which they would be claimed. All that wait are read: only dashboards ask. */
export async function listJobs(context: QueueContext, page: PageRequest): Promise<Page<QueuedJob>> {
  const { database, tables } = context;
  const { rows: waiting } = await database.query<JobRow & { readonly time: number }>(
    `SELECT ${jobColumns}, ${now}::float8 AS time FROM ${tables.jobs} job WHERE ${isWaiting}`,
    [timeOf(context)],
  );
  const { rows: turns } = await database.query<{ companyId: string; rank: number; lastTurn: number }>(
    `SELECT company_id AS "companyId", rank, last_turn::float8 AS "lastTurn" FROM ${tables.turns}`,
  );
  return listWaiting(waiting.map(toOrdered), page, {
    lastTurn: lastTurnsOf(turns),
    now: waiting[0]?.time ?? 0,
    item: ({ row }) => jobOfRow(row),
  });
}

interface PriorityRow {
  readonly priority: number;
  readonly waiting: number;
  readonly since: number | null;
}

export async function countJobs(context: QueueContext): Promise<JobQueueStats> {
  const { database, tables } = context;
  const { rows } = await database.query<PriorityRow>(
    `SELECT job.priority, count(*)::float8 AS waiting, min(ready.since)::float8 AS since
    FROM ${tables.jobs} job LEFT JOIN (
      SELECT job_id, since FROM (${standings(tables, "true")}) standing WHERE is_ready
    ) ready USING (job_id)
    WHERE ${isWaiting} GROUP BY job.priority`,
    [timeOf(context)],
  );
  const claimed = await database.query<{ claimed: number }>(
    `SELECT count(*)::float8 AS claimed FROM ${tables.jobs} job WHERE ${isClaimed}`,
    [timeOf(context)],
  );
  return jobStatsOf(rows, claimed.rows[0]?.claimed ?? 0);
}
