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
    await alone(database, async () => {
      if (direction === "down") {
        await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
        return;
      }
      await requireStorage(database);
      await migrateBoss(database, { schema, timeoutMs });
      await migrateThrough(forStorage(migrations, database), { ...options, schema, direction });
      await createQueue(database, { schema, timeoutMs });
    });
  } finally {
    database.close();
  }
}

/**
 * Runs `work`, over other connections, while no other process migrates. The lock belongs to a transaction: behind a
 * connection pooler, one of a session would be left on a connection that serves others by then.
 */
async function alone(database: Database, work: () => Promise<void>): Promise<void> {
  for (;;) {
    const isDone = await database.transaction(async (transaction) => {
      // Not by a statement that waits: indexes are built while nobody else has a snapshot.
      const { rows } = await transaction.query<{ isOurs: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1) AS "isOurs"',
        [lockKey],
      );
      if (rows[0]?.isOurs !== true) return false;
      // The transaction idles for as long as the work takes.
      await transaction.query("SET LOCAL idle_in_transaction_session_timeout = 0");
      await work();
      return true;
    });
    if (isDone) return;
    await delay(lookAgainMs);
  }
}

async function requireStorage({ query, schema, tables }: Database): Promise<void> {
  const { rows } = await query<{ found: boolean }>("SELECT to_regclass($1) IS NOT NULL AS found", [
    tables.credentials,
  ]);
  if (rows[0]?.found === true) return;
  throw new ConfigError(`The schema ${schema} has no tables of the storage.`, {
    hint: "Migrate the storage first: `migrate({ pool })`.",
  });
}

async function migrateBoss(
  database: Database,
  on: { readonly schema: string; readonly timeoutMs: number },
): Promise<void> {
  const boss = bossOn(database, on);
  if (!(await boss.isInstalled())) {
    await execute(database, on, getConstructionPlans(on.schema));
    return;
  }
  if (await isCurrent(database, on)) return;
  for (const text of stepsOf(plansFrom(on.schema, (await boss.schemaVersion()) ?? 0))) {
    await execute(database, on, text);
  }
}

/** Executes a text that may open a transaction: one that failed half way would stay open. */
async function execute(
  { pool }: Database,
  { timeoutMs }: { readonly timeoutMs: number },
  text: string,
): Promise<void> {
  const connection = await Connection.take(pool, timeoutMs);
  try {
    await connection.query(text);
  } catch (error) {
    connection.discard();
    throw error;
  } finally {
    connection.release();
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
