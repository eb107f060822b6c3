import type { Enqueued, SyncJob } from "@titan-sync/core";
import {
  credentialUnknown,
  nextOfCredential,
  rankOf,
  requestText,
  runIdTaken,
  toOrdered,
} from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import { takeNumbers } from "../storage/series.js";
import { isWaiting, type JobRow, jobColumns, setRank } from "./job-rows.js";

/** @throws `ConflictError` for an unknown credential, and for the run id of another job. */
export function enqueueJob(
  statements: Statements,
  job: SyncJob,
  { unlessWaiting, now }: { readonly unlessWaiting: boolean; readonly now: number },
): Enqueued {
  const { runId, credentialId } = job;
  const request = requestText(job);
  const same = statements.get<JobRow>(`SELECT ${jobColumns} FROM jobs WHERE run_id = ?1`, runId);
  if (same !== undefined) {
    if (same.credentialId === credentialId && same.request === request) return { runId, outcome: "merged" };
    throw runIdTaken(runId);
  }
  requireCredential(statements, credentialId);
  const others = waitingOf(statements, credentialId, now);
  const next = nextOfCredential(others, now);
  if (unlessWaiting && next !== null) return { runId: next.row.runId, outcome: "waiting" };
  const equal = nextOfCredential(
    others.filter(({ row }) => row.request === request),
    now,
  );
  if (equal !== null) {
    merge(statements, equal.row, job, now);
    return { runId: equal.row.runId, outcome: "merged" };
  }
  insert(statements, job, request, now);
  return { runId, outcome: "queued" };
}

/** The jobs of a credential that wait, as what decides their order. */
export function waitingOf(statements: Statements, credentialId: string, now: number) {
  return statements
    .all<JobRow>(
      `SELECT ${jobColumns} FROM jobs job WHERE job.credential_id = ?2 AND ${isWaiting}`,
      now,
      credentialId,
    )
    .map(toOrdered);
}

function requireCredential(statements: Statements, credentialId: string): void {
  const found = statements.get(
    "SELECT 1 FROM credentials WHERE credential_id = ?1 AND removing = 0",
    credentialId,
  );
  if (found === undefined) throw credentialUnknown();
}

function merge(statements: Statements, { jobNumber }: JobRow, { priority }: SyncJob, now: number): void {
  statements.run(
    `UPDATE jobs SET priority = min(priority, ?2), rank = min(rank, ?2), gains_at = CASE min(rank, ?2) WHEN 0 THEN NULL
        ELSE gains_at END,
      available_at = CASE WHEN ?2 = 0 THEN min(available_at, max(?3, queued_at)) ELSE available_at END
    WHERE job_number = ?1`,
    jobNumber,
    rankOf(priority),
    now,
  );
  statements.run(`UPDATE jobs SET ${setRank} WHERE job_number = ?2`, now, jobNumber);
}

function insert(statements: Statements, job: SyncJob, request: string, now: number): void {
  const rank = rankOf(job.priority);
  const inserted = statements.get<{ jobNumber: number }>(
    `INSERT INTO jobs
      (run_id, credential_id, company_id, type, request, actor, priority, rank, gains_at, last_turn, place, queued_at,
        available_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, CASE ?7 WHEN 0 THEN NULL ELSE ?9 END, 0, ?8, ?9, ?9)
    RETURNING job_number AS jobNumber`,
    job.runId,
    job.credentialId,
    job.companyId,
    job.type,
    request,
    job.actor,
    rank,
    takeNumbers(statements, "job", 1),
    now,
  );
  statements.run(`UPDATE jobs SET ${setRank} WHERE job_number = ?2`, now, inserted?.jobNumber ?? null);
}
