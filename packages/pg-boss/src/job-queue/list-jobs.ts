import type { JobQueueStats, Page, PageRequest, QueuedJob } from "@titan-sync/core";
import {
  compareOrders,
  decodeNumberCursor,
  inClaimOrder,
  rowsWanted,
  toPage,
} from "@titan-sync/core/support";
import {
  isClaimed,
  isWaiting,
  type JobRow,
  jobColumns,
  now,
  standings,
  toOrdered,
  toQueuedJob,
} from "./job-rows.js";
import { type QueueContext, timeOf } from "./queue-context.js";

/** In the order in which they would be claimed. All that wait are read: only dashboards ask. */
export async function listJobs(context: QueueContext, page: PageRequest): Promise<Page<QueuedJob>> {
  const { database, tables } = context;
  const after = decodeNumberCursor("jobs", 4, page)?.map(Number);
  const wanted = rowsWanted(page);
  const { rows: waiting } = await database.query<JobRow & { readonly time: number }>(
    `SELECT ${jobColumns}, ${now}::float8 AS time FROM ${tables.jobs} job WHERE ${isWaiting}`,
    [timeOf(context)],
  );
  const { rows: noted } = await database.query<{ companyId: string; rank: number; lastTurn: number }>(
    `SELECT company_id AS "companyId", rank, last_turn::float8 AS "lastTurn" FROM ${tables.turns}`,
  );
  const turns = new Map(noted.map(({ companyId, rank, lastTurn }) => [`${rank} ${companyId}`, lastTurn]));
  const ordered = inClaimOrder(
    waiting.map(toOrdered),
    (rank, companyId) => turns.get(`${rank} ${companyId}`) ?? 0,
    waiting[0]?.time ?? 0,
  );
  const left = ordered.filter(({ order }) => after === undefined || compareOrders(order, after) > 0);
  return toPage("jobs", left.slice(0, wanted), page, {
    item: ({ job }) => toQueuedJob(job.row),
    place: ({ order }) => order.map(String),
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
  const of = (priority: number) => rows.find((row) => row.priority === priority);
  return {
    waiting: { manual: of(0)?.waiting ?? 0, scheduled: of(1)?.waiting ?? 0, bulk: of(2)?.waiting ?? 0 },
    oldestWaitingSince: {
      manual: of(0)?.since ?? null,
      scheduled: of(1)?.since ?? null,
      bulk: of(2)?.since ?? null,
    },
    claimed: claimed.rows[0]?.claimed ?? 0,
  };
}
