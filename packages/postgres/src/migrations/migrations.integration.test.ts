import { ConfigError } from "@titan-sync/core";
import { Pool } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { postgresStorage } from "../storage/postgres-storage.js";
import { describeSchema } from "./describe-schema.js";
import { migrate, migrateThrough, migrationStatus } from "./migrate.js";
import { migrations } from "./migrations.generated.js";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
});
afterEach(() => database.drop());

const all = migrations.map((step) => step.version);

it("creates the schema in schema.sql", async () => {
  await migrate({ pool: database.pool });
  await expect(await describeSchema(database.pool)).toMatchFileSnapshot("../../schema.sql");
});

it("creates the same schema after down and up", async () => {
  const { pool } = database;
  await migrate({ pool });
  const before = await describeSchema(pool);
  await migrate({ pool, direction: "down" });
  expect((await describeSchema(pool)).trim()).toBe("");
  await migrate({ pool });
  expect(await describeSchema(pool)).toBe(before);
});

it("migrates once if 20 programs start at once", async () => {
  const pools = Array.from({ length: 20 }, () => new Pool({ connectionString: database.url, max: 1 }));
  const applied = await Promise.all(pools.map((pool) => migrate({ pool })));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(applied.filter((versions) => versions.length > 0)).toEqual([all]);
  expect(await migrationStatus({ pool: database.pool })).toMatchObject({ current: all.at(-1), pending: [] });
});

it("refuses a database that is newer than the program, and changes nothing", async () => {
  const { pool } = database;
  const latest = all.at(-1) ?? 0;
  const future = {
    version: latest + 1,
    name: "future",
    worksWithPrevious: false,
    up: "CREATE TABLE :SCHEMA.later ()",
    down: "",
  };
  await migrateThrough([...migrations, future], { pool });
  for (const direction of ["up", "down"] as const) {
    const refused = migrate({ pool, direction });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow(new RegExp(`is at version ${latest + 1}, .*${latest}`));
  }
  expect(await migrationStatus({ pool })).toEqual({
    current: latest + 1,
    latest,
    pending: [],
    isNewerThanProgram: true,
    isUsable: false,
  });
});

it("leaves nothing behind from a step that fails", async () => {
  const { pool } = database;
  const broken = {
    version: 1,
    name: "broken",
    worksWithPrevious: false,
    up: "CREATE TABLE :SCHEMA.half (); SELECT 1 / 0",
    down: "",
  };
  await expect(migrateThrough([broken], { pool })).rejects.toMatchObject({
    code: "STORAGE",
    retryable: false,
  });
  expect(await migrationStatus({ pool })).toMatchObject({ current: 0 });
});

it("uses a schema that was created for it, under any name, and two next to each other", async () => {
  const { pool } = database;
  await pool.query('CREATE SCHEMA "It\'s ""ours"""');
  await migrate({ pool, schema: 'It\'s "ours"' });
  await migrate({ pool });
  expect(await migrationStatus({ pool, schema: 'It\'s "ours"' })).toMatchObject({ current: all.at(-1) });
});

it("says what to do if the tables are missing", async () => {
  const storage = postgresStorage({ pool: database.pool });
  await expect(storage.findRun("any")).rejects.toMatchObject({
    code: "STORAGE",
    hint: expect.stringContaining("migrate"),
  });
});
