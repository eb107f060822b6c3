import { ConfigError } from "@titan-sync/core";
import { postgresAppendSink, postgresStorage } from "@titan-sync/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../postgres/database.js";
import { createWorld, type Row, type Stores } from "../sync/world.js";

let database: TestDatabase;
let elsewhere: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  elsewhere = await createTestDatabase();
  for (const { pool } of [database, elsewhere]) {
    await pool.query(`CREATE TABLE invoices AS SELECT * FROM titan_sync.invoices_stream;
      ALTER TABLE invoices DROP id, DROP environment, DROP source_tenant, DROP revision, ADD seen serial,
        ADD balance text, ALTER total TYPE double precision, ALTER processed SET DEFAULT false`);
  }
});
afterAll(async () => {
  await database.drop();
  await elsewhere.drop();
});

/** A storage with a sink that appends to a table of the host, in this or another database. */
function storesOf(target: TestDatabase): Stores {
  const storage = postgresStorage({ pool: database.pool });
  return {
    storage,
    sink: postgresAppendSink({
      pool: target.pool,
      tables: { invoice: { table: "invoices", columns: { source_id: "source_id" } } },
    }),
    totals: "double",
    async records(_record, companyId) {
      const { rows } = await target.pool.query("SELECT * FROM invoices WHERE tenant = $1 ORDER BY seen", [
        companyId,
      ]);
      return new Map(rows.map((row: Row) => [String(row["seen"]), row]));
    },
    close: () => storage.close(),
  };
}

test.each([
  ["the storage's database", () => database],
  ["another database", () => elsewhere],
])(
  "a host's table in %s gets a row for each change, and the run warns of removals",
  async (_where, target) => {
    const stores = storesOf(target());
    const world = await createWorld(stores, {
      titan: {
        company: async () => ({ trade: "HVAC", mapping: { invoice: { balance: "invoice.balance" } } }),
      },
    });
    const first = await world.sync({ data: "invoices" });
    expect(first).toMatchObject({ status: "completed", error: null });
    const rows = [...(await world.records("invoice")).values()];
    expect(rows).toHaveLength(first.ledger.successful);
    for (const row of rows) {
      expect(row).toMatchObject({ trade: "HVAC", balance: expect.any(String), processed: false });
    }
    const id = Number(rows[0]?.["source_id"]);
    const setActive = (active: boolean) =>
      world.simulator.mutate(world.tenantId, { kind: "edit", feed: "invoices", id, set: { active } });

    setActive(false);
    const removing = await world.sync({ data: "invoices", fresh: true });
    expect(removing.warnings).toContainEqual(
      expect.objectContaining({ code: "REMOVALS_NOT_WRITTEN", count: 1 }),
    );
    expect((await world.records("invoice")).size).toBe(rows.length);

    setActive(true);
    await world.sync({ data: "invoices", fresh: true });
    const after = [...(await world.records("invoice")).values()];
    expect(after.map((row) => row["source_id"])).toEqual([
      ...rows.map((row) => row["source_id"]),
      String(id),
    ]);
    await stores.close();
  },
);

test("a table that lacks a column stops a run before it starts", async () => {
  const storage = postgresStorage({ pool: database.pool });
  const sink = postgresAppendSink({ pool: database.pool, tables: { member: { table: "invoices" } } });
  const world = await createWorld({ ...storesOf(database), storage, sink });
  const refusal: unknown = await world.sync().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConfigError);
  expect(refusal).toMatchObject({
    message: expect.stringContaining("it has no column membership_type for membership_type"),
  });
  expect(await world.titan.runs.findCurrent(world.credentialId)).toBeNull();
  await storage.close();
});
