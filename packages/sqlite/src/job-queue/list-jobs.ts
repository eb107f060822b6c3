import type { JobQueueStats, Page, PageRequest, QueuedJob } from "@titan-sync/core";
import {
  jobOfRow,
  jobPriorities,
  jobStatsOf,
  lastTurnsOf,
  listWaiting,
  toOrdered,
} from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import { isClaimable, isWaiting, type JobRow, jobColumns } from "./job-rows.js";

/** In the order in which they would be claimed. All that wait are read: only dashboards ask. */
export function listJobs(statements: Statements, page: PageRequest, now: number): Page<QueuedJob> {
  const waiting = statements.all<JobRow>(`SELECT ${jobColumns} FROM jobs job WHERE ${isWaiting}`, now);
  const turns = statements.all<{ companyId: string; rank: number; lastTurn: number }>(
    "SELECT company_id AS companyId, rank, last_turn AS lastTurn FROM job_turns",
  );
  return listWaiting(waiting.map(toOrdered), page, {
    lastTurn: lastTurnsOf(turns),
    now,
    item: ({ row }) => jobOfRow(row),
  });
}

export function countJobs(statements: Statements, now: number): JobQueueStats {
  const waiting = jobPriorities.map((_name, priority) => {
    // One priority at a time: each is counted by an index.
    const row = statements.get<{ waiting: number; since: number | null }>(
      `SELECT count(*) AS waiting,
        min(CASE WHEN ${isClaimable} THEN max(job.queued_at, job.available_at) END) AS since
      FROM jobs job WHERE ${isWaiting} AND job.priority = ?2`,
      now,
      priority,
    );
    return { priority, waiting: row?.waiting ?? 0, since: row?.since ?? null };
  });
  const claimed = statements.get<{ count: number }>(
    "SELECT count(*) AS count FROM jobs WHERE claim_ends_at > ?1",
    now,
  );
  return jobStatsOf(waiting, claimed?.count ?? 0);
}
