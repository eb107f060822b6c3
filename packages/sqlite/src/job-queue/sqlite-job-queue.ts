import { ConfigError, type JobQueue } from "@titan-sync/core";
import { JobListeners, jobOfRow, nextOfCredential } from "@titan-sync/core/support";
import { type Database, openTarget, type SqliteTarget } from "../database/database.js";
import { OpenTransaction } from "../database/open-transaction.js";
import { requireUsable } from "../migrations/migrate.js";
import { takeNumbers } from "../storage/series.js";
import { claimJob } from "./claim-job.js";
import { enqueueJob, waitingOf } from "./enqueue-job.js";
import { isWaiting, type JobRow, jobColumns, setRank } from "./job-rows.js";
import { countJobs, listJobs } from "./list-jobs.js";

/**
 * Keeps waiting jobs in the storage's SQLite file: they survive a restart, and any number of processes on one machine
 * may claim them. Listeners hear of jobs that their own process enqueues; workers find those of other processes when
 * they poll. Use the storage's file: jobs are enqueued in the storage's transactions, and removed with credentials.
 * With a `path` the queue opens the file, and closes it in `close`; a `database` that you pass remains open.
 *
 * @throws `ConfigError` for invalid options, or for a file of another program or of a newer version. Every method fails
 * with `StorageError` when the database fails, `retryable` if it may succeed later.
 *
 * @example
 * const database = openSqlite({ path: ".titan-sync/titan-sync.db" });
 * await migrate({ database });
 * const queue = sqliteJobQueue({ database });
 */
export function sqliteJobQueue(target: SqliteTarget): JobQueue {
  const { database, close } = requireUsable(openTarget(target));
  const listeners = new JobListeners();

  /** Writes, and tells listeners if anything was written. */
  async function write(work: (transaction: OpenTransaction, now: number) => number): Promise<boolean> {
    const isDone = await database.transaction((transaction) => work(transaction, database.now()) > 0);
    if (isDone) listeners.call();
    return isDone;
  }

  return {
    async enqueue(job, { unlessWaiting = false, transaction } = {}) {
      const enqueue = (open: OpenTransaction) => {
        const enqueued = enqueueJob(open, job, { unlessWaiting, now: database.now() });
        if (enqueued.outcome !== "waiting") open.whenCommitted(() => listeners.call());
        return enqueued;
      };
      return transaction === undefined
        ? await database.transaction(enqueue)
        : enqueue(requireOwn(database, transaction));
    },

    claim: (params) => claimJob(database, params),

    renewClaim: async ({ claimId, claimMs }) =>
      (await database.transaction(
        (transaction) => {
          const now = database.now();
          return transaction.run(
            "UPDATE jobs SET claim_ends_at = ?3 WHERE claim_id = ?1 AND claim_ends_at > ?2",
            claimId,
            now,
            now + claimMs,
          );
        },
        { urgent: true },
      )) > 0,

    complete: (claimId) =>
      write((transaction, now) =>
        transaction.run("DELETE FROM jobs WHERE claim_id = ?1 AND claim_ends_at > ?2", claimId, now),
      ),

    requeue: ({ claimId, availableAt, attempts, slices }) =>
      write((transaction, now) => {
        const put = transaction.get<{ jobNumber: number }>(
          `UPDATE jobs SET queued_at = ?2, available_at = max(?2, ?3), attempts = ?4, slices = ?5, lost_claims = 0,
            begun = CASE WHEN ?5 > 0 THEN begun END, claim_id = NULL, worker = NULL, claim_ends_at = NULL
          WHERE claim_id = ?1 AND claim_ends_at > ?2 RETURNING job_number AS jobNumber`,
          claimId,
          now,
          Math.ceil(availableAt),
          attempts,
          slices,
        );
        if (put === undefined) return 0;
        return transaction.run(
          `UPDATE jobs SET place = ?3, ${setRank} WHERE job_number = ?2`,
          now,
          put.jobNumber,
          takeNumbers(transaction, "job", 1),
        );
      }),

    remove: (runId) =>
      write((transaction, now) =>
        transaction.run(
          "DELETE FROM jobs WHERE run_id = ?2 AND (claim_ends_at IS NULL OR claim_ends_at <= ?1)",
          now,
          runId,
        ),
      ),

    async find(by) {
      const now = database.now();
      const row = await database.read((statements) => {
        if ("runId" in by) {
          return statements.get<JobRow>(`SELECT ${jobColumns} FROM jobs WHERE run_id = ?1`, by.runId);
        }
        const claimed = statements.get<JobRow>(
          `SELECT ${jobColumns} FROM jobs WHERE credential_id = ?1 AND claim_ends_at > ?2`,
          by.credentialId,
          now,
        );
        return claimed ?? nextOfCredential(waitingOf(statements, by.credentialId, now), now)?.row;
      });
      return row === undefined ? null : jobOfRow(row);
    },

    async findWaiting(by) {
      const now = database.now();
      const row = await database.read((statements) =>
        "runId" in by
          ? statements.get<JobRow>(
              `SELECT ${jobColumns} FROM jobs job WHERE job.run_id = ?2 AND ${isWaiting}`,
              now,
              by.runId,
            )
          : nextOfCredential(waitingOf(statements, by.credentialId, now), now)?.row,
      );
      return row === undefined ? null : jobOfRow(row);
    },

    listWaiting: (page) => database.read((statements) => listJobs(statements, page, database.now())),
    stats: () => database.read((statements) => countJobs(statements, database.now())),
    subscribe: (listener) => listeners.add(listener),

    async close() {
      listeners.clear();
      await close();
    },
  };
}

/** @throws `ConfigError` unless it is a transaction of the same file. */
function requireOwn(database: Database, transaction: unknown): OpenTransaction {
  if (transaction instanceof OpenTransaction && transaction.path === database.path) return transaction;
  throw new ConfigError("The queue is not in the database of this transaction.", {
    hint: "Give `sqliteJobQueue` the storage's file.",
  });
}
