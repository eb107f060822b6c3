import { randomUUID } from "node:crypto";
import type { ClaimedJob, JobQueue } from "@titan-sync/core";
import { jobOfRow, rankOf } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { takeNumbers } from "../storage/series.js";
import { isClaimable, type JobRow, jobColumns, rankNow, setRank } from "./job-rows.js";

/** Claims the next job. Whoever finds none has kept no other writer waiting. */
export async function claimJob(
  database: Database,
  { worker, claimMs, minPriority = "bulk" }: Parameters<JobQueue["claim"]>[0],
): Promise<ClaimedJob | null> {
  const lowest = rankOf(minPriority);
  const isThereOne = await database.read((statements) => hasClaimable(statements, database.now(), lowest));
  if (!isThereOne) return null;
  return await database.transaction((transaction) => {
    const now = database.now();
    transaction.run(`UPDATE jobs SET ${setRank} WHERE gains_at <= ?1`, now);
    const next = findNext(transaction, now, lowest);
    if (next === undefined) return null;
    const number = takeNumbers(transaction, "job", 1);
    noteTurn(transaction, next, number);
    const claimId = randomUUID();
    const row = transaction.get<JobRow>(
      `UPDATE jobs SET lost_claims = lost_claims + (claim_id IS NOT NULL), begun = ?2, claim_id = ?3, worker = ?4,
        claim_ends_at = ?5
      WHERE job_number = ?1 RETURNING ${jobColumns}`,
      next.jobNumber,
      number,
      claimId,
      worker,
      now + claimMs,
    );
    return row === undefined ? null : { job: jobOfRow(row), claimId };
  });
}

function hasClaimable(statements: Statements, now: number, lowest: number): boolean {
  const found = statements.get(
    `SELECT 1 FROM jobs job INDEXED BY jobs_next WHERE ${isClaimable} AND ${rankNow} <= ?2 LIMIT 1`,
    now,
    lowest,
  );
  return found !== undefined;
}

type NextJob = Pick<JobRow, "jobNumber" | "companyId" | "rank">;

/** The index has them in this order: those before it are skipped, and no more are read. */
function findNext(statements: Statements, now: number, lowest: number): NextJob | undefined {
  return statements.get<NextJob>(
    `SELECT job.job_number AS jobNumber, job.company_id AS companyId, job.rank
    FROM jobs job INDEXED BY jobs_next WHERE job.rank <= ?2 AND ${isClaimable}
    ORDER BY job.rank, job.last_turn, job.place LIMIT 1`,
    now,
    lowest,
  );
}

function noteTurn(statements: Statements, { companyId, rank }: NextJob, number: number): void {
  statements.run(
    `INSERT INTO job_turns (company_id, rank, last_turn) VALUES (?1, ?2, ?3)
    ON CONFLICT (company_id, rank) DO UPDATE SET last_turn = excluded.last_turn`,
    companyId,
    rank,
    number,
  );
  statements.run(
    "UPDATE jobs SET last_turn = ?3 WHERE company_id = ?1 AND rank = ?2",
    companyId,
    rank,
    number,
  );
}
