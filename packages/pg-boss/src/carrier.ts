import { ConfigError, type Logger, type SyncJob } from "@titan-sync/core";
import { Connection, type Database, type SqlTransaction } from "@titan-sync/postgres/support";
import { type Db, PgBoss } from "pg-boss";

/** The queue of pg-boss that all jobs are in. */
export const queueName = "titan-sync";

/** pg-boss fails a job that is active for longer, its longest. A claim that lives on then is not affected. */
const longestActive = 24 * 60 * 60;
/** Waiting jobs do not expire: in 50 years. */
const longestWait = 50 * 365 * 24 * 60 * 60;
/** A day of what was done, in an installation of 5,000 companies, is half a million jobs. Runs are kept elsewhere. */
const keepCompleted = 60 * 60;
const maintenanceSeconds = 10 * 60;

const queueOptions = {
  policy: "standard",
  retryLimit: 0,
  expireInSeconds: longestActive,
  retentionSeconds: longestWait,
  deleteAfterSeconds: keepCompleted,
} as const;

/** A job of ours as pg-boss knows it. */
export interface CarriedJob {
  readonly jobId: string;
  readonly jobNumber: number;
}

/** pg-boss, through its public interface only, on the host's pool. It opens no connection and starts no work. */
export interface Carrier {
  /** @throws {@link ConfigError} when the schema is missing, or is one of another version of pg-boss. */
  start(): Promise<void>;
  /** @throws {@link ConfigError} when another version of pg-boss has migrated the schema since the start. */
  check(): Promise<void>;
  /** {@link Carrier.start} before the queue is there. */
  startBoss(): Promise<void>;
  /** The queue as this version needs it. */
  createQueue(): Promise<void>;
  put(transaction: SqlTransaction, carried: CarriedJob, job: SyncJob): Promise<void>;
  /**
   * Makes one certain job active.
   * @param carried.isLost - whether it was active before, and was not ended.
   * @returns `false` when somebody has canceled or deleted it in pg-boss.
   */
  activate(transaction: SqlTransaction, carried: CarriedJob & { readonly isLost: boolean }): Promise<boolean>;
  complete(transaction: SqlTransaction, jobId: string): Promise<void>;
  /** Makes an active job wait again. */
  putBack(transaction: SqlTransaction, jobId: string): Promise<void>;
  cancel(transaction: SqlTransaction, jobIds: readonly string[]): Promise<void>;
  /** Deletes what ended some time ago, in bounded steps. */
  maintain(): Promise<void>;
  stop(): Promise<void>;
}

export function pgBossCarrier(
  database: Database,
  {
    schema,
    timeoutMs,
    logger,
  }: { readonly schema: string; readonly timeoutMs: number; readonly logger: Logger },
): Carrier {
  const boss = bossOn(database, { schema, timeoutMs });
  const warn = (what: string) => logger.warn({ jobsSchema: schema, reason: what }, "pg-boss gave a warning.");
  boss.on("error", (error) => warn(error.name));
  boss.on("warning", ({ message }) => warn(message));
  let starting: Promise<void> | null = null;
  /** Of the schema, at the start. */
  let version: number | null = null;

  async function startBoss(): Promise<void> {
    if (!(await boss.isInstalled())) throw missingSchema(schema);
    try {
      await boss.start();
    } catch (error) {
      if (isOtherVersion(error)) throw otherVersion(schema);
      throw error;
    }
  }

  async function begin(): Promise<void> {
    await startBoss();
    version = await boss.schemaVersion();
    if ((await boss.getQueue(queueName)) === null) throw missingSchema(schema);
  }

  const withDb = (transaction: SqlTransaction) => ({ db: databaseOf(transaction) });

  async function find(transaction: SqlTransaction, jobId: string) {
    const [found] = await boss.findJobs(queueName, { id: jobId, ...withDb(transaction) });
    return found;
  }

  /** What pg-boss offers for a job that is active: it is canceled, and resumed. */
  async function waitAgain(transaction: SqlTransaction, jobId: string): Promise<void> {
    await boss.cancel(queueName, jobId, withDb(transaction));
    await boss.resume(queueName, jobId, withDb(transaction));
  }

  return {
    async start() {
      starting ??= begin();
      try {
        await starting;
      } catch (error) {
        starting = null;
        throw error;
      }
    },

    async check() {
      if ((await boss.schemaVersion()) !== version) throw otherVersion(schema);
    },

    startBoss,

    async createQueue() {
      await startBoss();
      await boss.createQueue(queueName, queueOptions);
      const { policy: _policy, ...changeable } = queueOptions;
      await boss.updateQueue(queueName, changeable);
    },

    async put(transaction, { jobId, jobNumber }, job) {
      const id = await boss.send(queueName, job, {
        id: jobId,
        priority: jobNumber,
        ...withDb(transaction),
      });
      // Nobody else uses its id, and it has no singleton key: pg-boss has no reason to leave it out.
      if (id === null) throw new Error("pg-boss did not take a job.");
    },

    async activate(transaction, { jobId, jobNumber, isLost }) {
      const fetch = async (): Promise<boolean> => {
        const found = await boss.fetch(queueName, {
          minPriority: jobNumber,
          maxPriority: jobNumber,
          ignoreStartAfter: true,
          ...withDb(transaction),
        });
        return found.some(({ id }) => id === jobId);
      };
      if (!isLost && (await fetch())) return true;
      const known = await find(transaction, jobId);
      switch (known?.state) {
        case undefined:
        case "cancelled":
        case "completed":
          return false;
        case "active":
          await waitAgain(transaction, jobId);
          break;
        case "failed":
          // pg-boss has ended it itself: it was active for a day.
          await boss.retry(queueName, jobId, withDb(transaction));
      }
      return await fetch();
    },

    async complete(transaction, jobId) {
      await boss.complete(queueName, jobId, null, withDb(transaction));
    },

    async putBack(transaction, jobId) {
      const known = await find(transaction, jobId);
      // What somebody has ended in pg-boss is dropped when its turn comes.
      if (known?.state === "active") await waitAgain(transaction, jobId);
    },

    async cancel(transaction, jobIds) {
      if (jobIds.length > 0) await boss.cancel(queueName, [...jobIds], withDb(transaction));
    },

    async maintain() {
      await boss.supervise(queueName);
    },

    async stop() {
      await starting?.catch(() => undefined);
      await boss.stop({ graceful: false, close: false });
    },
  };
}

/** Without anything that runs by itself: what there is to do, the queue asks for. */
export function bossOn(
  database: Database,
  { schema, timeoutMs }: { readonly schema: string; readonly timeoutMs: number },
): PgBoss {
  return new PgBoss({
    db: {
      async executeSql(text, values) {
        const connection = await Connection.take(database.pool, timeoutMs);
        try {
          return { rows: [...(await connection.queryAll(text, values))] };
        } catch (error) {
          // Some of its texts are transactions: one that failed half way would stay open.
          await connection.rollback();
          throw error;
        } finally {
          connection.release();
        }
      },
    },
    schema,
    supervise: false,
    schedule: false,
    migrate: false,
    registerInstance: false,
    maintenanceIntervalSeconds: maintenanceSeconds,
    queueCacheIntervalSeconds: longestActive,
  });
}

function databaseOf(transaction: SqlTransaction): Db {
  return {
    async executeSql(text, values) {
      const { rows } = await transaction.query(text, values);
      return { rows: [...rows] };
    },
  };
}

export const migrateHint = "Migrate the database: `migratePgBoss({ pool })`.";

export function missingSchema(schema: string): ConfigError {
  return new ConfigError(`The schema ${schema} of the job queue is missing or incomplete.`, {
    hint: migrateHint,
  });
}

function otherVersion(schema: string): ConfigError {
  return new ConfigError(`The schema ${schema} of the job queue belongs to another version of pg-boss.`, {
    hint: "Migrate the database with this program, `migratePgBoss({ pool })`, or use the newer program.",
  });
}

function isOtherVersion(error: unknown): boolean {
  return error instanceof Error && error.message.includes("requires migrations");
}
