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
  await pool.query("INSERT INTO titan_sync_jobs.migrations (version, name) VALUES (99, 'later')");
  await expect(queue.stats()).rejects.toMatchObject(invalid(/at version 99/));
  await expect(migratePgBoss({ pool })).rejects.toMatchObject(invalid(/at version 99/));
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
