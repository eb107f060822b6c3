import { jobPriorities, type LastTurns, type WaitingJob } from "../job-queue/claim-order.js";
import { type JobRequest, requestOf } from "../job-queue/job-request.js";
import { byPriority } from "../job-queue/list-waiting.js";
import type { JobQueueStats, QueuedJob } from "../ports/job-queue.js";

/** A job as a database returns it: its request as text, its priority as the rank. */
export interface JobRow extends Omit<QueuedJob, keyof JobRequest | "priority"> {
  readonly request: string;
  readonly priority: number;
  readonly place: number;
  readonly begun: number | null;
}

/** Equal requests are equal texts. */
export function requestText(job: JobRequest): string {
  return JSON.stringify(requestOf(job));
}

export function jobOfRow(row: JobRow): QueuedJob {
  return {
    runId: row.runId,
    credentialId: row.credentialId,
    companyId: row.companyId,
    type: row.type,
    ...(JSON.parse(row.request) as JobRequest),
    actor: row.actor,
    priority: priorityOf(row.priority),
    queuedAt: row.queuedAt,
    availableAt: row.availableAt,
    attempts: row.attempts,
    slices: row.slices,
    lostClaims: row.lostClaims,
  };
}

/** What the order is decided by, and which row it is of. */
export function toOrdered<Row extends JobRow>(row: Row): WaitingJob & { readonly row: Row } {
  const { credentialId, companyId, queuedAt, availableAt, place, begun } = row;
  const priority = priorityOf(row.priority);
  return { credentialId, companyId, priority, queuedAt, availableAt, place, begun, row };
}

function priorityOf(rank: number): QueuedJob["priority"] {
  return jobPriorities[rank] ?? "bulk";
}

/** The turns that companies had, as a table notes them. */
export function lastTurnsOf(
  rows: readonly { readonly companyId: string; readonly rank: number; readonly lastTurn: number }[],
): LastTurns {
  const turns = new Map(rows.map(({ companyId, rank, lastTurn }) => [`${rank} ${companyId}`, lastTurn]));
  return (rank, companyId) => turns.get(`${rank} ${companyId}`) ?? 0;
}

/** @param waiting - for each rank, how many jobs wait and since when those that may be claimed do. */
export function jobStatsOf(
  waiting: readonly { readonly priority: number; readonly waiting: number; readonly since: number | null }[],
  claimed: number,
): JobQueueStats {
  const of = (rank: number) => waiting.find(({ priority }) => priority === rank);
  return {
    waiting: byPriority((_priority, rank) => of(rank)?.waiting ?? 0),
    oldestWaitingSince: byPriority((_priority, rank) => of(rank)?.since ?? null),
    claimed,
  };
}
