import { ConfigError, type JobQueue, type Secret, StorageError } from "@titan-sync/core";
import {
  migrate,
  migrationStatus,
  postgresAppendSink,
  postgresRateLimitCoordinator,
  postgresSink,
  postgresStorage,
} from "@titan-sync/postgres";
import pg from "pg";
import type { OpenDatabase } from "./open-database.js";
import { findConnectionLimit, requireConnections } from "./require-connections.js";

/** Connections at most: of a few runs at once, and of what is beside them: heartbeats, the queue, the scheduler. */
const leastConnections = 12;
const connectionsBeside = 4;
const connectTimeoutMs = 15_000;
const minMajor = 14;

/** A PostgreSQL database. */
export interface PostgresDatabase extends OpenDatabase {
  readonly kind: "PostgreSQL";
  readonly pool: pg.Pool;
}

export interface OpenPostgresOptions {
  /** Where the address comes from, for messages. @defaultValue "TITAN_SYNC_DATABASE_URL" */
  readonly setting?: string | undefined;
  /** How many syncs run at once. @defaultValue a few */
  readonly concurrency?: number | undefined;
}

/**
 * Opens a PostgreSQL database.
 *
 * @throws {@link StorageError} when it cannot be reached. The password is never repeated. {@link ConfigError} when it has
 * fewer connections than so many syncs need.
 */
export async function openPostgres(
  address: Secret,
  { setting = "TITAN_SYNC_DATABASE_URL", concurrency = 0 }: OpenPostgresOptions = {},
): Promise<PostgresDatabase> {
  const name = databaseName(address);
  const pool = new pg.Pool({
    connectionString: address.reveal(),
    max: Math.max(leastConnections, concurrency + connectionsBeside),
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "titan-sync",
  });
  // An idle connection that breaks is replaced; without a listener it would end the program.
  pool.on("error", () => undefined);
  try {
    await pool.query("SELECT 1");
    if (concurrency > 0) requireConnections(await findConnectionLimit(pool), concurrency, connectionsBeside);
  } catch (error) {
    await pool.end();
    if (error instanceof ConfigError) throw error;
    const code = (error as { code?: unknown }).code;
    throw new StorageError(
      `The database ${name} cannot be used${typeof code === "string" ? ` (${code})` : ""}.`,
      {
        hint: `Check that it runs, and the address, user and password in ${setting}.`,
        cause: error,
      },
    );
  }
  const queues: JobQueue[] = [];
  let closed: Promise<void> | null = null;
  async function closeAll(): Promise<void> {
    for (const queue of queues.splice(0)) await queue.close();
    await pool.end();
  }
  return {
    kind: "PostgreSQL",
    pool,
    name,
    storage: () => postgresStorage({ pool }),
    sink: (tables) => (tables === null ? postgresSink({ pool }) : postgresAppendSink({ pool, tables })),
    rateLimitCoordinator: () => postgresRateLimitCoordinator({ pool }),
    async openJobQueue() {
      const { pgBossJobQueue } = await import("@titan-sync/pg-boss");
      const queue = pgBossJobQueue({ pool, storage: postgresStorage({ pool }) });
      queues.push(queue);
      try {
        // What is wrong with it should be reported now rather than at the first job.
        await queue.stats();
      } catch (error) {
        throw error instanceof ConfigError
          ? new ConfigError(error.message, {
              hint: 'Run "titan-sync migrate up" with the newest version of titan-sync that you use.',
              cause: error,
            })
          : error;
      }
      return queue;
    },
    async migrate({ direction, to }) {
      const { migratePgBoss } = await import("@titan-sync/pg-boss");
      // Its rows refer to credentials.
      if (direction === "down" && (to ?? 0) === 0) await migratePgBoss({ pool, direction });
      const versions = await migrate({ pool, direction, to });
      if (direction === "up") await migratePgBoss({ pool });
      return versions;
    },
    migrationStatus: () => migrationStatus({ pool }),
    async describeServer() {
      const { rows } = await pool.query<{ server_version: string }>("SHOW server_version");
      const version = rows[0]?.server_version ?? "";
      const isOld = Number.parseInt(version, 10) < minMajor;
      return {
        product: `PostgreSQL ${version}`,
        remedy: isOld ? `Upgrade to PostgreSQL ${minMajor} or newer.` : null,
      };
    },
    checkMove: () => refuseUnfinishedMove(pool),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

async function refuseUnfinishedMove(pool: pg.Pool): Promise<null> {
  const { rows } = await pool.query<{ source: string }>("SELECT source FROM titan_sync.unfinished_move");
  const [unfinished] = rows;
  if (unfinished === undefined) return null;
  throw new ConfigError(`The move of a database to here is unfinished (${unfinished.source}).`, {
    hint: 'Unset TITAN_SYNC_DATABASE_URL and repeat "titan-sync move" where that database is.',
  });
}

/** An address without user and password. */
export function databaseName(address: Secret): string {
  const { protocol, host, pathname } = new URL(address.reveal());
  return `${protocol}//${host}${pathname}`;
}
