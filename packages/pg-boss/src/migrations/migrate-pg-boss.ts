import { setTimeout as delay } from "node:timers/promises";
import { ConfigError, silentLogger } from "@titan-sync/core";
import type { Migration } from "@titan-sync/core/support";
import {
  Connection,
  type Database,
  type DatabaseOptions,
  migrateThrough,
  openDatabase,
} from "@titan-sync/postgres/support";
import { getConstructionPlans, getMigrationPlans } from "pg-boss";
import { bossOn, pgBossCarrier } from "../carrier.js";
import { defaultJobsSchema, jobTablesIn } from "../job-tables.js";
import { migrations } from "./migrations.js";

export interface MigratePgBossOptions extends DatabaseOptions {
  /** The schema of pg-boss, which nothing else may use. @defaultValue "titan_sync_jobs" */
  readonly jobsSchema?: string | undefined;
  /** `down` deletes the schema with all jobs, before the storage is migrated down. @defaultValue "up" */
  readonly direction?: "up" | "down" | undefined;
}

/** Of all migrations of job queues on a server's database, whatever their schema: "jobs" as a number. */
const lockKey = 0x6a6f_6273;
const lookAgainMs = 200;

/**
 * Creates or migrates what {@link pgBossJobQueue} needs: pg-boss in its own schema, its queue, and our tables beside
 * it. The storage must have been migrated. Many processes may call it at once: one of them does the work, the others
 * wait for it.
 *
 * @throws `ConfigError` when the storage's tables are missing, or the schema is newer than this program.
 *
 * @example
 * await migrate({ pool });
 * await migratePgBoss({ pool });
 */
export async function migratePgBoss(options: MigratePgBossOptions): Promise<void> {
  const { jobsSchema = defaultJobsSchema, direction = "up", timeoutMs = 120_000 } = options;
  const { schema } = jobTablesIn(jobsSchema);
  const database = openDatabase(options);
  try {
    await alone(database, timeoutMs, async (connection) => {
      if (direction === "down") {
        await connection.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
        return;
      }
      await requireStorage(connection, database);
      await migrateBoss(connection, database, { schema, timeoutMs });
      await migrateThrough(forStorage(migrations, database), { ...options, schema, direction });
      await createQueue(database, { schema, timeoutMs });
    });
  } finally {
    database.close();
  }
}

/** Runs `work` while no other process migrates. */
async function alone(
  { pool }: Database,
  timeoutMs: number,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  for (;;) {
    const connection = await Connection.take(pool, timeoutMs);
    try {
      // Not by a statement that waits: indexes are built while nobody else has a snapshot.
      const { rows } = await connection.query<{ isOurs: boolean }>(
        'SELECT pg_try_advisory_lock($1) AS "isOurs"',
        [lockKey],
      );
      if (rows[0]?.isOurs === true) {
        await work(connection);
        await connection.query("SELECT pg_advisory_unlock($1)", [lockKey]);
        return;
      }
    } catch (error) {
      // The lock goes with it, and whatever a text that failed half way has left open.
      connection.discard();
      throw error;
    } finally {
      connection.release();
    }
    await delay(lookAgainMs);
  }
}

async function requireStorage(connection: Connection, { schema, tables }: Database): Promise<void> {
  const { rows } = await connection.query<{ found: boolean }>("SELECT to_regclass($1) IS NOT NULL AS found", [
    tables.credentials,
  ]);
  if (rows[0]?.found === true) return;
  throw new ConfigError(`The schema ${schema} has no tables of the storage.`, {
    hint: "Migrate the storage first: `migrate({ pool })`.",
  });
}

async function migrateBoss(
  connection: Connection,
  database: Database,
  on: { readonly schema: string; readonly timeoutMs: number },
): Promise<void> {
  const boss = bossOn(database, on);
  if (!(await boss.isInstalled())) {
    await connection.query(getConstructionPlans(on.schema));
    return;
  }
  if (await isCurrent(database, on)) return;
  for (const text of stepsOf(plansFrom(on.schema, (await boss.schemaVersion()) ?? 0))) {
    await connection.query(text);
  }
}

async function isCurrent(
  database: Database,
  on: { readonly schema: string; readonly timeoutMs: number },
): Promise<boolean> {
  const carrier = pgBossCarrier(database, { ...on, logger: silentLogger });
  try {
    await carrier.startBoss();
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  } finally {
    await carrier.stop();
  }
}

/** As pg-boss prints them for people who migrate by hand: with no work that would continue in the background. */
function plansFrom(schema: string, version: number): string {
  try {
    return getMigrationPlans(schema, version);
  } catch (error) {
    throw new ConfigError(`The schema ${schema} of the job queue belongs to a newer version of pg-boss.`, {
      cause: error,
      hint: "Install the version of Titan Sync that migrated it, or a newer one.",
    });
  }
}

/** A transaction, and statements that must be outside of any. */
function stepsOf(plans: string): readonly string[] {
  const end = plans.lastIndexOf("COMMIT;") + "COMMIT;".length;
  const alone = plans.slice(end).split(/;\s*$/m);
  return [plans.slice(0, end), ...alone].filter((text) => text.trim() !== "");
}

async function createQueue(
  database: Database,
  on: { readonly schema: string; readonly timeoutMs: number },
): Promise<void> {
  const carrier = pgBossCarrier(database, { ...on, logger: silentLogger });
  try {
    await carrier.createQueue();
  } finally {
    await carrier.stop();
  }
}

function forStorage(known: readonly Migration[], { tables }: Database): readonly Migration[] {
  return known.map((migration) => ({
    ...migration,
    up: migration.up.replaceAll(":STORAGE", () => tables.schema),
  }));
}
