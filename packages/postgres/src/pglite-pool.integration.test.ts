import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "./database/database.js";
import { pglitePool } from "./pglite-pool.js";

const pglite = new PGlite();
let database: Database;
beforeAll(async () => {
  database = openDatabase({ pool: pglitePool(pglite), timeoutMs: 5000 });
  await pglite.exec("CREATE TABLE item (id int PRIMARY KEY)");
});
afterAll(() => pglite.close());

const count = async () =>
  (await pglite.query<{ count: number }>("SELECT count(*)::int FROM item")).rows[0]?.count;

it("keeps everybody else on the same PGlite out of a transaction", async () => {
  const inside = Promise.withResolvers<void>();
  const writing = database.transaction(async (transaction) => {
    await transaction.query("INSERT INTO item VALUES (1)");
    inside.resolve();
    await transaction.query("SELECT pg_sleep(0.05)");
    await transaction.query("DELETE FROM item");
  });
  await inside.promise;
  const others = [count(), database.query("SELECT FROM item").then((result) => result.rowCount)];
  expect(await Promise.all(others)).toEqual([0, 0]);
  await writing;
});

it("rolls back what fails, and goes on", async () => {
  const failing = database.transaction(async (transaction) => {
    await transaction.query("INSERT INTO item VALUES (2)");
    throw new TypeError("not today");
  });
  await expect(failing).rejects.toThrow("not today");
  const hiding = database.transaction(async (transaction) => {
    await transaction.query("INSERT INTO item VALUES (3)");
    await transaction.query("SELECT 1 / 0").catch(() => undefined);
  });
  await expect(hiding).rejects.toMatchObject({ code: "STORAGE" });
  expect(await count()).toBe(0);
});

it("says how many rows were changed, and how many were returned", async () => {
  const rowCounts = await database.transaction(async (transaction) => [
    (await transaction.query("INSERT INTO item SELECT generate_series(10, 12)", [])).rowCount,
    (await transaction.query("SELECT FROM item WHERE id > $1", [10])).rowCount,
    (await transaction.query("DELETE FROM item WHERE id > $1", [99])).rowCount,
  ]);
  expect(rowCounts).toEqual([3, 2, 0]);
});
