import { randomUUID } from "node:crypto";
import {
  type Clock,
  ConfigError,
  type JobQueue,
  type Logger,
  type QueuedJob,
  type Storage,
  silentLogger,
  systemClock,
} from "@titan-sync/core";
import { JobListeners, jobOfRow, nextOfCredential, toOrdered } from "@titan-sync/core/support";
import {
  type DatabaseOptions,
  longestTurnMs,
  OpenTransaction,
  openDatabase,
} from "@titan-sync/postgres/support";
import { pgBossCarrier } from "./carrier.js";
import { claimJob } from "./job-queue/claim-job.js";
import { enqueueJob, waitingOf } from "./job-queue/enqueue-job.js";
import { isClaimed, isWaiting, type JobRow, jobColumns, now } from "./job-queue/job-rows.js";
import { countJobs, listJobs } from "./job-queue/list-jobs.js";
import { type QueueContext, timeOf } from "./job-queue/queue-context.js";
import { lookAtCredential } from "./job-queue/ready-jobs.js";
import { defaultJobsSchema, jobTablesIn } from "./job-tables.js";
import { pgBossMaintenance } from "./maintenance.js";
import { requireMigrated } from "./require-migrated.js";
import { listenForJobs } from "./wake-up.js";

export interface PgBossJobQueueOptions extends DatabaseOptions {
  /** The storage on the same pool: jobs are enqueued in its transactions, and removed with its credentials. */
  readonly storage: Pick<Storage, "database">;
  /** The schema of pg-boss, as it was migrated by {@link migratePgBoss}. @defaultValue "titan_sync_jobs" */
  readonly jobsSchema?: string | undefined;
  /** The queue's clock. @defaultValue the database server's, so that all machines have the same */
  readonly clock?: Clock | undefined;
  /** Is told of maintenance that failed, and of pg-boss's warnings. @defaultValue none */
  readonly logger?: Logger | undefined;
}

/** How often the schema is checked: a newer program may have migrated it. */
const checkEveryMs = 10_000;
/** Others wait for the job, or for their turn at its credential. */
const turn = { longestIdleMs: longestTurnMs };

/**
 * Keeps waiting jobs in the storage's PostgreSQL database, carried by pg-boss: they survive every restart, and any number
 * of processes on any number of machines may claim them. It uses the pool that it is given and opens no connection of
 * its own. While somebody has subscribed, it keeps one of a pool of at least three to hear of jobs that other processes
 * enqueue; on others, and behind a connection pooler, workers find them when they poll.
 *
 * Two or more jobs of pg-boss are never fetched at random: which one is next is decided by tables beside it, and each
 * verb changes both in one transaction. A job that somebody cancels or deletes in pg-boss is dropped when its turn comes.
 *
 * @throws `ConfigError` for invalid options, and when the storage is not on this pool. Every method fails with
 * `ConfigError` when {@link migratePgBoss} was not called, or a program has migrated the schema that this one does not
 * work with, and with `StorageError` when the database fails, `retryable` if
 * it may succeed later.
 *
 * @example
 * const storage = postgresStorage({ pool });
 * const queue = pgBossJobQueue({ pool, storage });
 */
export function pgBossJobQueue(options: PgBossJobQueueOptions): JobQueue {
  const {
    pool,
    storage,
    jobsSchema = defaultJobsSchema,
    logger = silentLogger,
    timeoutMs = 120_000,
  } = options;
  const tables = jobTablesIn(jobsSchema);
  const database = openDatabase(options);
  if (storage.database !== pool) {
    database.close();
    throw new ConfigError("The job queue and the storage must use the same pool.", {
      hint: "Give `pgBossJobQueue` and `postgresStorage` one pool, or use the queue that belongs to the storage.",
    });
  }
  const carrier = pgBossCarrier(database, { schema: jobsSchema, timeoutMs, logger });
  const listeners = new JobListeners();
  const own = randomUUID();
  const context: QueueContext = {
    database,
    tables,
    carrier,
    clock: options.clock ?? null,
    async tell(transaction) {
      await transaction.query("SELECT pg_notify($1, $2)", [jobsSchema, own]);
      transaction.whenCommitted(() => listeners.call());
    },
  };
  const maintenance = pgBossMaintenance(context, logger);
  let opening: Promise<void> | null = null;
  let nextCheck = Number.NEGATIVE_INFINITY;
  let listening: { close(): void } | null = null;

  async function open(): Promise<void> {
    await requireMigrated(context);
    await carrier.start();
    await carrier.check();
  }

  /** Before a transaction begins: pg-boss reads its queue over another connection. */
  async function ready(): Promise<void> {
    const time = (options.clock ?? systemClock).now();
    if (opening === null || time >= nextCheck) {
      nextCheck = time + checkEveryMs;
      opening = open();
    }
    try {
      await opening;
    } catch (error) {
      opening = null;
      throw error;
    }
  }

  /** Ends or changes one job. */
  async function change(work: (transaction: OpenTransaction) => Promise<boolean>): Promise<boolean> {
    await ready();
    return await database.transaction(work, turn);
  }

  /** Its credential's other jobs may be claimed now. */
  async function tellIfOthers(transaction: OpenTransaction, credentialId: string): Promise<void> {
    if (await lookAtCredential(context, transaction, credentialId)) await context.tell(transaction);
  }

  return {
    async enqueue(job, { unlessWaiting = false, transaction } = {}) {
      const open = transaction === undefined ? null : requireOwn(transaction);
      await ready();
      const enqueue = (current: OpenTransaction) => enqueueJob(context, current, job, { unlessWaiting });
      return open === null ? await database.transaction(enqueue, turn) : await enqueue(open);
    },

    async claim(params) {
      await ready();
      maintenance.mayRun();
      return await claimJob(context, params);
    },

    async renewClaim({ claimId, claimMs }) {
      await ready();
      const { rowCount } = await database.query(
        `UPDATE ${tables.jobs} job SET claim_ends_at = ${now} + $3::bigint WHERE claim_id = $2 AND ${isClaimed}`,
        [timeOf(context), claimId, Math.ceil(claimMs)],
      );
      return rowCount > 0;
    },

    complete: (claimId) =>
      change(async (transaction) => {
        const { rows } = await transaction.query<{ jobId: string; credentialId: string }>(
          `DELETE FROM ${tables.jobs} job WHERE claim_id = $2 AND ${isClaimed}
          RETURNING job_id::text AS "jobId", credential_id AS "credentialId"`,
          [timeOf(context), claimId],
        );
        const [done] = rows;
        if (done === undefined) return false;
        await carrier.complete(transaction, done.jobId);
        await tellIfOthers(transaction, done.credentialId);
        return true;
      }),

    requeue: ({ claimId, availableAt, attempts, slices }) =>
      change(async (transaction) => {
        const { rows } = await transaction.query<{ jobId: string }>(
          `UPDATE ${tables.jobs} job SET queued_at = ${now}, available_at = greatest(${now}, $3::bigint),
            attempts = $4, slices = $5, lost_claims = 0, place = nextval('${tables.places}'),
            begun = CASE WHEN $5::integer > 0 THEN begun END, claim_id = NULL, worker = NULL, claim_ends_at = NULL,
            look_at = 0
          WHERE claim_id = $2 AND ${isClaimed} RETURNING job_id::text AS "jobId"`,
          [timeOf(context), claimId, Math.ceil(availableAt), attempts, slices],
        );
        const [put] = rows;
        if (put === undefined) return false;
        await carrier.putBack(transaction, put.jobId);
        await context.tell(transaction);
        return true;
      }),

    remove: (runId) =>
      change(async (transaction) => {
        const { rows } = await transaction.query<{ jobId: string; credentialId: string }>(
          `DELETE FROM ${tables.jobs} job WHERE run_id = $2 AND ${isWaiting}
          RETURNING job_id::text AS "jobId", credential_id AS "credentialId"`,
          [timeOf(context), runId],
        );
        const [removed] = rows;
        if (removed === undefined) return false;
        await carrier.cancel(transaction, [removed.jobId]);
        await tellIfOthers(transaction, removed.credentialId);
        return true;
      }),

    async find(by) {
      await ready();
      if ("credentialId" in by) {
        const { rows } = await database.query<JobRow>(
          `SELECT ${jobColumns} FROM ${tables.jobs} job WHERE job.credential_id = $2 AND ${isClaimed}`,
          [timeOf(context), by.credentialId],
        );
        return rows[0] === undefined ? await findNext(context, by.credentialId) : jobOfRow(rows[0]);
      }
      const { rows } = await database.query<JobRow>(
        `SELECT ${jobColumns} FROM ${tables.jobs} job WHERE job.run_id = $1 AND job.credential_id IS NOT NULL`,
        [by.runId],
      );
      return rows[0] === undefined ? null : jobOfRow(rows[0]);
    },

    async findWaiting(by) {
      await ready();
      if ("credentialId" in by) return await findNext(context, by.credentialId);
      const { rows } = await database.query<JobRow>(
        `SELECT ${jobColumns} FROM ${tables.jobs} job WHERE job.run_id = $2 AND ${isWaiting}`,
        [timeOf(context), by.runId],
      );
      return rows[0] === undefined ? null : jobOfRow(rows[0]);
    },

    async listWaiting(page) {
      await ready();
      return await listJobs(context, page);
    },

    async stats() {
      await ready();
      return await countJobs(context);
    },

    subscribe(listener) {
      listening ??= listenForJobs({ pool, channel: jobsSchema, own, call: () => listeners.call() });
      return listeners.add(listener);
    },

    async close() {
      listeners.clear();
      listening?.close();
      await maintenance.close();
      await carrier.stop();
      database.close();
    },
  };

  /** @throws `ConfigError` unless it is a transaction of the same pool. */
  function requireOwn(transaction: unknown): OpenTransaction {
    if (transaction instanceof OpenTransaction && transaction.pool === pool) return transaction;
    throw new ConfigError("The queue is not in the database of this transaction.", {
      hint: "Give `pgBossJobQueue` the storage's pool.",
    });
  }
}

/** The next job of a credential that waits. */
async function findNext(context: QueueContext, credentialId: string): Promise<QueuedJob | null> {
  const waiting = await waitingOf(context, context.database, credentialId);
  const next = nextOfCredential(waiting.map(toOrdered), await currentTime(context));
  return next === null ? null : jobOfRow(next.row);
}

async function currentTime(context: QueueContext): Promise<number> {
  const { rows } = await context.database.query<{ time: number }>(`SELECT ${now}::float8 AS time`, [
    timeOf(context),
  ]);
  return rows[0]?.time ?? 0;
}
