import { StorageError } from "@titan-sync/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { type Database, openDatabase } from "./database.js";

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({ pool: test.pool });
  await test.pool.query(
    "CREATE TABLE item (id int PRIMARY KEY, value text); INSERT INTO item VALUES (1), (2)",
  );
});
afterAll(() => test.drop());

it("retries a transaction ended by a deadlock until both sides have committed", async () => {
  const touched = { 0: 0, 1: 0 };
  const bothHoldOne = Promise.withResolvers<void>();
  const change = (side: 0 | 1, ids: readonly [number, number]) =>
    database.transaction(async (transaction) => {
      const [first, second] = ids;
      await transaction.query("UPDATE item SET value = 'changed' WHERE id = $1", [first]);
      touched[side] += 1;
      if (touched[0] > 0 && touched[1] > 0) bothHoldOne.resolve();
      await bothHoldOne.promise;
      await transaction.query("UPDATE item SET value = 'changed' WHERE id = $1", [second]);
    });
  await Promise.all([change(0, [1, 2]), change(1, [2, 1])]);
  expect(touched[0] + touched[1]).toBeGreaterThan(2);
});

it("fails if a statement has failed and the work hides it", async () => {
  const hiding = database.transaction(async (transaction) => {
    await transaction.query("UPDATE item SET value = 'half' WHERE id = 1");
    await transaction.query("SELECT 1 / 0").catch(() => undefined);
  });
  await expect(hiding).rejects.toBeInstanceOf(StorageError);
  const { rows } = await database.query<{ value: string }>("SELECT value FROM item WHERE id = 1");
  expect(rows[0]?.value).not.toBe("half");
});

it("commits when the failed statement was inside a savepoint", async () => {
  await database.transaction(async (transaction) => {
    await transaction.query("SAVEPOINT before");
    await transaction.query("SELECT 1 / 0").catch(() => undefined);
    await transaction.query("ROLLBACK TO SAVEPOINT before");
    await transaction.query("UPDATE item SET value = 'whole' WHERE id = 1");
  });
  const { rows } = await database.query<{ value: string }>("SELECT value FROM item WHERE id = 1");
  expect(rows[0]?.value).toBe("whole");
});

it("throws what the work throws, and rolls back", async () => {
  const failing = database.transaction(async (transaction) => {
    await transaction.query("DELETE FROM item");
    throw new TypeError("not today");
  });
  await expect(failing).rejects.toThrow(new TypeError("not today"));
  expect((await database.query("SELECT FROM item")).rowCount).toBe(2);
});

it("survives a connection that is cut inside a transaction, and says that the call can be retried", async () => {
  const cut = database.transaction(async (transaction) => {
    const { rows } = await transaction.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await test.pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    await transaction.query("SELECT 1");
  });
  await expect(cut).rejects.toMatchObject({ code: "STORAGE", retryable: true });
  expect((await database.query("SELECT 1")).rowCount).toBe(1);
});

it("names where the database refused something, never the values", async () => {
  const refused = database.query("INSERT INTO item VALUES (1, 'Ada Lovelace')");
  await expect(refused).rejects.toMatchObject({
    code: "STORAGE",
    retryable: false,
    message: "The database refused a statement (23505, table item, constraint item_pkey).",
  });
  const wrong = await database.query("SELECT 'Ada Lovelace'::int").catch((error: unknown) => error);
  expect(String(wrong) + JSON.stringify((wrong as Error).cause)).not.toContain("Ada");
});

it.each([
  ["700ms", "700ms"],
  ["90s", "90s"],
  ["2min", "2min"],
  ["3h", "2min"],
  ["0", "2min"],
])(
  "applies the lower limit to a transaction's time: a host's limit of %s results in %s",
  async (given, own) => {
    const host = await createTestDatabase({ connections: 1 });
    const limits = ["statement_timeout", "idle_in_transaction_session_timeout"] as const;
    const read = limits.map((limit) => `current_setting('${limit}') AS ${limit}`).join(", ");
    try {
      for (const limit of limits) await host.pool.query(`SET ${limit} = '${given}'`);
      const inside = await openDatabase({ pool: host.pool }).transaction(({ query }) =>
        query(`SELECT ${read}`),
      );
      expect(inside.rows).toEqual([Object.fromEntries(limits.map((limit) => [limit, own]))]);
      const after = await host.pool.query(`SELECT ${read}`);
      expect(after.rows).toEqual([Object.fromEntries(limits.map((limit) => [limit, given]))]);
    } finally {
      await host.drop();
    }
  },
);
