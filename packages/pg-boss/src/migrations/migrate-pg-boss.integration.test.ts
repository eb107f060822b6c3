import { manualClock } from "@titan-sync/core/testing";
import { migrate, postgresStorage } from "@titan-sync/postgres";
import { getRollbackPlans } from "pg-boss";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { pgBossJobQueue } from "../pg-boss-job-queue.js";
import { migratePgBoss } from "./migrate-pg-boss.js";

async function open(options: { readonly empty?: boolean } = {}) {
  const { pool, drop } = await createTestDatabase(options);
  const storage = postgresStorage({ pool });
  const queue = pgBossJobQueue({ pool, storage });
  onTestFinished(async () => {
    await queue.close();
    await storage.close();
    await drop();
  });
  return { pool, storage, queue };
}

const invalid = (message: RegExp) => ({ code: "CONFIG_INVALID", message: expect.stringMatching(message) });

it("may be called by many processes at once, and again", async () => {
  const { pool, queue } = await open();
  await Promise.all([migratePgBoss({ pool }), migratePgBoss({ pool }), migratePgBoss({ pool })]);
  await migratePgBoss({ pool });
  expect(await queue.claim({ worker: "worker 1", claimMs: 1000 })).toBeNull();
});

it("refuses a database without the storage's tables", async () => {
  const { pool } = await open({ empty: true });
  await expect(migratePgBoss({ pool })).rejects.toMatchObject(invalid(/titan_sync has no tables/));
});

it("deletes everything on the way down, so that the storage can be migrated down after it", async () => {
  const { pool } = await open();
  await migratePgBoss({ pool });
  await migratePgBoss({ pool, direction: "down" });
  await migrate({ pool, direction: "down" });
  const { rows } = await pool.query("SELECT FROM pg_namespace WHERE nspname = 'titan_sync_jobs'");
  expect(rows).toEqual([]);
});

it("migrates a schema of an older pg-boss, which the queue refuses before", async () => {
  const { pool, queue } = await open();
  await migratePgBoss({ pool });
  await pool.query(getRollbackPlans("titan_sync_jobs"));
  await expect(queue.claim({ worker: "worker 1", claimMs: 1000 })).rejects.toMatchObject(
    invalid(/another version of pg-boss/),
  );
  await migratePgBoss({ pool });
  expect(await queue.claim({ worker: "worker 1", claimMs: 1000 })).toBeNull();
});

it("refuses a schema of a newer pg-boss", async () => {
  const { pool, queue } = await open();
  await migratePgBoss({ pool });
  await pool.query("UPDATE titan_sync_jobs.version SET version = version + 1");
  await expect(queue.stats()).rejects.toMatchObject(invalid(/another version of pg-boss/));
  await expect(migratePgBoss({ pool })).rejects.toMatchObject(invalid(/newer version of pg-boss/));
});

it("a queue created its tables where they were missing, at its start", async () => {
  const { pool, queue } = await open();
  for (const _time of [1, 2]) {
    await expect(queue.stats()).rejects.toMatchObject({
      ...invalid(/titan_sync_jobs of the job queue is missing/),
      hint: expect.stringContaining("migratePgBoss"),
    });
  }
  await migratePgBoss({ pool });
  expect((await queue.stats()).claimed).toBe(0);
});

it("refuses a schema of a newer program", async () => {
  const { pool, queue } = await open();
  await migratePgBoss({ pool });
  await pool.query(
    "INSERT INTO titan_sync_jobs.migrations (version, name, works_with_previous) VALUES (99, 'later', true)",
  );
  await expect(queue.stats()).rejects.toMatchObject(invalid(/at version 99/));
  await expect(migratePgBoss({ pool })).rejects.toMatchObject(invalid(/at version 99/));
});

it("works with a schema of the next program, if that says so", async () => {
  const { pool, queue } = await open();
  await migratePgBoss({ pool });
  const next =
    "INSERT INTO titan_sync_jobs.migrations (version, name, works_with_previous) VALUES (2, 'next', $1)";
  await pool.query(next, [true]);
  await migratePgBoss({ pool });
  expect((await queue.stats()).claimed).toBe(0);
  await pool.query("UPDATE titan_sync_jobs.migrations SET works_with_previous = false");
  const other = pgBossJobQueue({ pool, storage: { database: pool } });
  onTestFinished(() => other.close());
  await expect(other.stats()).rejects.toMatchObject(invalid(/at version 2, .* programs of version 1/));
});

it.each([
  [
    "program",
    "INSERT INTO titan_sync_jobs.migrations (version, name, works_with_previous) VALUES (2, 'next', false)",
  ],
  ["pg-boss", "UPDATE titan_sync_jobs.version SET version = version + 1"],
])("a queue that was open went on in a schema that a newer %s had migrated", async (_name, change) => {
  const { pool } = await open();
  await migratePgBoss({ pool });
  const clock = manualClock();
  const queue = pgBossJobQueue({ pool, storage: { database: pool }, clock });
  onTestFinished(() => queue.close());
  expect((await queue.stats()).claimed).toBe(0);
  await pool.query(change);
  clock.advance(10_000);
  await expect(queue.claim({ worker: "worker 1", claimMs: 1000 })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

it("refuses a queue that belongs to the storage of another schema", async () => {
  const { pool } = await open();
  await migrate({ pool, schema: "second" });
  await migratePgBoss({ pool });
  const storage = postgresStorage({ pool, schema: "second" });
  const queue = pgBossJobQueue({ pool, storage, schema: "second" });
  onTestFinished(() => queue.close());
  await expect(queue.stats()).rejects.toMatchObject(
    invalid(/another storage than the one in the schema second/),
  );
});

it("refuses a storage on another pool, and a schema that pg-boss cannot use", async () => {
  const [first, second] = [await open(), await open()];
  expect(() => pgBossJobQueue({ pool: first.pool, storage: second.storage })).toThrow(
    "must use the same pool",
  );
  expect(() => pgBossJobQueue({ ...first, jobsSchema: "My Jobs" })).toThrow("jobsSchema must be");
});
