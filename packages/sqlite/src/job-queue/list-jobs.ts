import type { JobQueueStats, Page, PageRequest, QueuedJob } from "@titan-sync/core";
import {
  compareOrders,
  decodeNumberCursor,
  inClaimOrder,
  rowsWanted,
  toPage,
} from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import { isClaimable, isWaiting, type JobRow, jobColumns, toOrdered, toQueuedJob } from "./job-rows.js";

/** In the order in which they would be claimed. All that wait are read: only dashboards ask. */
export function listJobs(statements: Statements, page: PageRequest, now: number): Page<QueuedJob> {
  const after = decodeNumberCursor("jobs", 4, page)?.map(Number);
  const wanted = rowsWanted(page);
  const waiting = statements
    .all<JobRow>(`SELECT ${jobColumns} FROM jobs job WHERE ${isWaiting}`, now)
    .map(toOrdered);
  const turns = new Map(
    statements
      .all<{ companyId: string; rank: number; lastTurn: number }>(
        "SELECT company_id AS companyId, rank, last_turn AS lastTurn FROM job_turns",
      )
      .map(({ companyId, rank, lastTurn }) => [`${rank} ${companyId}`, lastTurn]),
  );
  const ordered = inClaimOrder(waiting, (rank, companyId) => turns.get(`${rank} ${companyId}`) ?? 0, now);
  const left = ordered.filter(({ order }) => after === undefined || compareOrders(order, after) > 0);
  return toPage("jobs", left.slice(0, wanted), page, {
    item: ({ job }) => toQueuedJob(job.row),
    place: ({ order }) => order.map(String),
  });
}

interface PriorityRow {
  readonly waiting: number;
  readonly since: number | null;
}

export function countJobs(statements: Statements, now: number): JobQueueStats {
  const of = (priority: number): PriorityRow =>
    statements.get<PriorityRow>(
      `SELECT count(*) AS waiting,
        min(CASE WHEN ${isClaimable} THEN max(job.queued_at, job.available_at) END) AS since
      FROM jobs job WHERE ${isWaiting} AND job.priority = ?2`,
      now,
      priority,
    ) ?? { waiting: 0, since: null };
  const [manual, scheduled, bulk] = [of(0), of(1), of(2)];
  const { claimed = 0 } =
    statements.get<{ claimed: number }>(
      "SELECT count(*) AS claimed FROM jobs WHERE claim_ends_at > ?1",
      now,
    ) ?? {};
  return {
    waiting: { manual: manual.waiting, scheduled: scheduled.waiting, bulk: bulk.waiting },
    oldestWaitingSince: { manual: manual.since, scheduled: scheduled.since, bulk: bulk.since },
    claimed,
  };
}
