import type { Mutant } from "./mutant.js";

const onSqlite = "packages/sqlite/src/job-queue/sqlite-job-queue.test.ts";
const onPgBoss = "packages/pg-boss/src/pg-boss-job-queue.integration.test.ts";
const inMemory = "packages/core/src/memory/memory-job-queue.test.ts";

/** Against what a job queue promises. */
export const queueMutants: readonly Mutant[] = [
  {
    mistake: "companies take no turns",
    file: "packages/sqlite/src/job-queue/claim-job.ts",
    original: "ORDER BY job.rank, job.last_turn, job.place LIMIT 1",
    replacement: "ORDER BY job.rank, job.place LIMIT 1",
    test: { file: onSqlite, title: "takes turns between companies, however many jobs one has" },
  },
  {
    mistake: "an unfinished run does not hold back its credential",
    file: "packages/sqlite/src/job-queue/job-rows.ts",
    original: "SELECT unfinished.begun IS job.begun",
    replacement: "SELECT 1 OR unfinished.begun IS job.begun",
    test: {
      file: onSqlite,
      title: "begins nothing else of a credential before the job whose claim was lost",
    },
  },
  {
    mistake: "a job is completed under a claim that has ended",
    file: "packages/sqlite/src/job-queue/sqlite-job-queue.ts",
    original: "DELETE FROM jobs WHERE claim_id = ?1 AND claim_ends_at > ?2",
    replacement: "DELETE FROM jobs WHERE claim_id = ?1 AND claim_ends_at > ?2 - 1e12",
    test: { file: onSqlite, title: "changes nothing under a claim that has ended" },
  },
  {
    mistake: "listeners hear of a job before its transaction commits",
    file: "packages/sqlite/src/job-queue/sqlite-job-queue.ts",
    original: "open.whenCommitted(() => listeners.call())",
    replacement: "listeners.call()",
    test: { file: onSqlite, title: "queues a job exactly if the transaction commits" },
  },
  {
    mistake: "a rest counts as waiting",
    file: "packages/core/src/job-queue/claim-order.ts",
    original: "return Math.max(queuedAt, availableAt);",
    replacement: "return Math.min(queuedAt, availableAt);",
    test: {
      file: inMemory,
      title: "hands out a job as one of the next priority after 15 minutes, its rest not counted",
    },
  },
  {
    mistake: "of two unfinished runs of a credential the older one continues",
    file: "packages/core/src/job-queue/claim-order.ts",
    original: "job.begun > (known?.begun ?? 0)",
    replacement: "job.begun < (known?.begun ?? 1e9)",
    test: {
      file: inMemory,
      title: "continues with the run that was begun last when two of a credential are unfinished",
    },
  },
  {
    mistake: "a process that is suspended while it changes a job holds up others",
    file: "packages/pg-boss/src/pg-boss-job-queue.ts",
    original: "return await database.transaction(work, turn);",
    replacement: "return await database.transaction(work);",
    test: {
      file: "packages/pg-boss/src/connections.integration.test.ts",
      title: "a process that froze while it changed a job kept others waiting for the job for two minutes",
    },
  },
  {
    mistake: "companies take no turns on PostgreSQL",
    file: "packages/pg-boss/src/job-queue/claim-job.ts",
    original: "ORDER BY rank, last_turn, first_place LIMIT 1",
    replacement: "ORDER BY rank, first_place LIMIT 1",
    test: { file: onPgBoss, title: "takes turns between companies, however many jobs one has" },
  },
  {
    mistake: "an unfinished run does not hold back its credential on PostgreSQL",
    file: "packages/pg-boss/src/job-queue/job-rows.ts",
    original: "first_value(job.begun) OVER unfinished <> coalesce(job.begun, 0)",
    replacement: "first_value(job.begun) OVER unfinished < 0",
    test: {
      file: onPgBoss,
      title: "begins nothing else of a credential before the job whose claim was lost",
    },
  },
  {
    mistake: "an end of a rest is not looked at on PostgreSQL",
    file: "packages/pg-boss/src/job-queue/job-rows.ts",
    original: "WHEN is_resting THEN available_at",
    replacement: "WHEN is_resting THEN NULL",
    test: { file: onPgBoss, title: "does not hand out a job before its rest is over" },
  },
  {
    mistake: "the other jobs of a credential are not looked at when one is completed on PostgreSQL",
    file: "packages/pg-boss/src/job-queue/ready-jobs.ts",
    original: "SET look_at = 0 WHERE job_id = (",
    replacement: "SET look_at = look_at WHERE job_id = (",
    test: {
      file: onPgBoss,
      title: "does not hand out two jobs of a credential at once, but of two credentials of a company",
    },
  },
];
