import {
  ConfigError,
  createTitanSync,
  generateEncryptionKey,
  type HostRecord,
  memorySink,
  type RecordSinkObject,
  type SyncRequest,
  staticKeys,
  type TitanSync,
  type TitanSyncOptions,
} from "@titan-sync/core";
import { postgresAppendSink } from "@titan-sync/postgres";
import { createSimulator } from "@titan-sync/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { estimateRecord } from "../../examples/own-records/src/estimates.js";
import { createEstimatesApi } from "../../examples/own-records/src/estimates-api.js";
import { createTestDatabase } from "../postgres/database.js";
import { openMemoryStores } from "../sync/memory-stores.js";
import { openServerStores } from "../sync/open-stores.js";
import { openPostgresStores } from "../sync/postgres-stores.js";
import { openSqliteStores } from "../sync/sqlite-stores.js";
import type { Stores } from "../sync/world.js";

let companies = 0;

async function createEstimatesWorld({ storage }: Stores, options: Partial<TitanSyncOptions> = {}) {
  companies += 1;
  const companyId = `estimates-${companies}`;
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportLagMs: 0,
    tenants: [{ customers: 12, invoices: 10 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const { tenantId } = tenant;
  const api = createEstimatesApi();
  const paths: string[] = [];
  const sink = memorySink();
  const rules = { required: "reject" as "reject" | "warn" };
  const settings: TitanSyncOptions = {
    storage,
    sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", rules }),
    records: [estimateRecord],
    fetch: async (input, init) => {
      const request = new Request(input, init);
      paths.push(new URL(request.url).pathname.replace(/.*\/tenant\/\d+\//, ""));
      return api.answer(request) ?? (await simulator.handle(request));
    },
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 2 },
    ...options,
  };
  const titan = createTitanSync(settings);
  const { id: credentialId } = await titan.credentials.create({ companyId, ...tenant });
  const syncBy = async (instance: TitanSync, request: Partial<SyncRequest> = {}) =>
    await (await instance.sync({ credentialId, ...request })).result;
  const customers = simulator.rows(tenantId, "customers").map(({ id }) => Number(id));
  const [alice = 0, bob = 0] = customers;
  return {
    customers,
    alice,
    bob,
    api,
    simulator,
    tenantId,
    companyId,
    credentialId,
    titan,
    settings,
    rules,
    paths,
    sink,
    syncBy,
    sync: (request: Partial<SyncRequest> = {}) => syncBy(titan, request),
    delivered: () =>
      new Map([...sink.records("estimate")].map(([id, { record }]): [string, HostRecord] => [id, record])),
  };
}

type EstimatesWorld = Awaited<ReturnType<typeof createEstimatesWorld>>;

describe.each([
  ["memory", openMemoryStores],
  ["SQLite", openSqliteStores],
  ["PostgreSQL", openServerStores],
])("a host's own record type on %s", (_, open) => {
  let stores: Stores;
  let world: EstimatesWorld;
  beforeAll(async () => {
    stores = await open();
  });
  afterAll(() => stores.close());
  beforeEach(async () => {
    world = await createEstimatesWorld(stores);
    const { api, alice, bob } = world;
    api.put({ id: 1, customerId: alice, name: " New  furnace ", subtotal: 4200.5 });
    api.put({ id: 2, customerId: bob, name: "Water heater", subtotal: 1800 });
    api.put({ id: 3, customerId: bob, name: null, subtotal: 90 });
  });

  test("is landed, joined, delivered and rejected alongside members and invoices", async () => {
    const result = await world.sync();
    expect(result.status).toBe("completed");
    const { records, feeds } = result.ledger;
    expect(Object.keys(records).sort()).toEqual(["estimate", "invoice", "member"]);
    expect(feeds["estimates"]).toMatchObject({ read: 3, landed: 3 });
    expect(records["estimate"]).toMatchObject({ derived: 3, delivered: 2, rejected: 1 });
    const customer = world.sink.records("member").get(String(world.alice))?.record;
    expect(world.delivered().get("1")).toEqual({
      tenant: world.companyId,
      customer_id: String(world.alice),
      customer_name: customer?.customer_name,
      name: "New furnace",
      subtotal: "4200.5",
      sold_on: null,
      summary: null,
    });
    const { items } = await world.titan.rejections.list(
      { companyId: world.companyId, feed: "estimates" },
      { limit: 10 },
    );
    expect(items).toMatchObject([{ entityId: "3", stage: "record", rules: ["required"] }]);
    expect(await world.titan.runs.find(result.runId)).toMatchObject({ request: { data: "both" }, records });
  });

  test("is synced alone by its driver, and only changes are delivered or removed", async () => {
    const { api, alice, sync } = world;
    expect((await sync({ data: "estimates" })).ledger.records).toEqual({
      estimate: expect.objectContaining({ delivered: 2 }),
    });
    expect(world.paths.some((path) => path.includes("invoices"))).toBe(false);
    api.put({ id: 1, name: "Two furnaces" });
    api.put({ id: 2, active: false });
    const second = await sync({ data: "estimates" });
    expect(second.ledger.records["estimate"]).toMatchObject({ derived: 2, delivered: 2, removed: 1 });
    expect([...world.delivered().keys()]).toEqual(["1"]);

    // A related feed's change reaches it too.
    world.simulator.mutate(world.tenantId, {
      kind: "edit",
      feed: "customers",
      id: alice,
      set: { name: "Alice Anew" },
    });
    await sync({ data: "estimates" });
    expect(world.delivered().get("1")).toMatchObject({ name: "Two furnaces", customer_name: "Alice Anew" });
  });

  test("is removed by a full sync when its row is gone, and a dry run and a range agree with a sync", async () => {
    const { api, sync } = world;
    await sync();
    api.remove(1);
    api.put({ id: 2, name: "Water heater, 80 gallons" });
    const dry = await sync({ data: "estimates", mode: "full", dryRun: true, allowRemovals: true });
    expect(dry.diff).toMatchObject({ update: 1, remove: 1, reject: 1 });
    expect(world.delivered().get("2")).toMatchObject({ name: "Water heater" });
    const ranged = await sync({ data: "estimates", from: "2026-01-01" });
    expect(ranged.status).toBe("completed");
    expect(world.delivered().get("2")).toMatchObject({ name: "Water heater, 80 gallons" });
    const full = await sync({ data: "estimates", mode: "full", allowRemovals: true });
    expect(full.ledger.records["estimate"]).toMatchObject({ removed: 1 });
    expect([...world.delivered().keys()]).toEqual(["2"]);
    await expect(sync({ data: "estimates", from: "2026-01-01", by: "invoiced" })).rejects.toThrow(/invoices/);
  });

  test("is replayed after a change of rules, and passes every check", async () => {
    await world.sync();
    world.rules.required = "warn";
    const replayed = await world.sync({ replay: true });
    expect(replayed.ledger.records["estimate"]).toMatchObject({ derived: 1, delivered: 1 });
    expect(replayed.warnings).toContainEqual(expect.objectContaining({ code: "MISSING_REQUIRED", count: 1 }));
    expect([...world.delivered().keys()].sort()).toEqual(["1", "2", "3"]);
    const { differences } = await world.titan.verify({ credentialId: world.credentialId });
    expect(differences).toEqual([]);
  });

  test("is erased with a customer, even if its row has changed hands since, and does not return", async () => {
    const { api, titan, companyId, alice, bob, sync } = world;
    await sync();
    const erased = await titan.erase({ companyId, customerId: String(bob) });
    expect(erased).toMatchObject({ remaining: [], suppressed: true });
    expect([...world.delivered().keys()]).toEqual(["1"]);
    expect((await titan.rejections.list({ companyId, feed: "estimates" }, { limit: 10 })).items).toEqual([]);
    api.put({ id: 2, name: "Still Bob's" });
    await sync({ mode: "full" });
    expect([...world.delivered().keys()]).toEqual(["1"]);

    // The row goes to another customer, and the sink still has it as the erased one's.
    const [, , carol = 0] = world.customers;
    api.put({ id: 1, customerId: carol });
    const broken = createTitanSync({
      ...world.settings,
      sink: async () => await Promise.reject(new Error("no")),
    });
    expect((await world.syncBy(broken, { data: "estimates" })).status).not.toBe("completed");
    expect(world.delivered().get("1")).toMatchObject({ customer_id: String(alice) });
    expect(await titan.erase({ companyId, customerId: String(alice) })).toMatchObject({ remaining: [] });
    expect([...world.delivered().keys()]).toEqual([]);
    await sync();
    expect(world.delivered().get("1")).toMatchObject({ customer_id: String(carol) });
  });

  test("waits for a failing sink without delaying the others, even while a host does not define it", async () => {
    let fails = true;
    const { sink } = world;
    const failing: RecordSinkObject = {
      ...sink,
      write: async (batch, context) => {
        if (fails && batch.record === "estimate") throw new Error("no");
        return await sink.write(batch, context);
      },
    };
    const titan = createTitanSync({ ...world.settings, sink: failing });
    const first = await world.syncBy(titan);
    expect(first.status).not.toBe("completed");
    expect(world.delivered().size).toBe(0);
    expect(sink.records("member").size).toBeGreaterThan(0);

    const { records: __, ...others } = world.settings;
    const without = createTitanSync({ ...others, sink });
    const between = await world.syncBy(without);
    expect(between.status).toBe("completed");
    const { differences } = await without.verify({ credentialId: world.credentialId, api: false });
    // Its batch waits for an instance that knows the type.
    expect(differences.map(({ code }) => code)).toEqual(["BATCHES_LEFT"]);

    fails = false;
    await world.syncBy(titan, { rederive: true });
    expect([...world.delivered().keys()].sort()).toEqual(["1", "2"]);
  });

  test("can be named by a schedule, and unknown data is refused", async () => {
    const { titan, credentialId, companyId } = world;
    await titan.schedules.save(credentialId, { cron: "@daily", data: "estimates" });
    expect((await titan.schedules.list({ companyId }, { limit: 10 })).items).toMatchObject([
      { data: "estimates" },
    ]);
    await expect(titan.schedules.save(credentialId, { cron: "@daily", data: "quotes" })).rejects.toThrow(
      /data/,
    );
    await expect(world.sync({ data: "quotes" })).rejects.toThrow(/data.*estimates/);
    await expect(titan.syncAll({ data: "quotes" })).rejects.toThrow(/data/);
  });

  test("may have a company's own columns", async () => {
    const company = async () => ({
      trade: "HVAC",
      mapping: { estimate: { review: "estimate.reviewStatus" } },
      rules: { alsoRequired: { estimate: ["review"] } },
    });
    world.api.put({ id: 2, reviewStatus: "Accepted" });
    const titan = createTitanSync({ ...world.settings, company });
    const { ledger } = await world.syncBy(titan, { data: "estimates" });
    expect(ledger.records["estimate"]).toMatchObject({ delivered: 1, rejected: 2 });
    expect(world.delivered().get("2")).toMatchObject({ review: "Accepted" });
  });
});

describe("sinks in databases", () => {
  test("with tables only for members and invoices refuse to start with another type, before anything runs", async () => {
    const database = await createTestDatabase();
    const sqlite = await openSqliteStores();
    const server = openPostgresStores(database.pool, () => database.drop());
    for (const { storage, sink } of [sqlite, server]) {
      await expect(createEstimatesWorld({ storage } as Stores, { sink })).rejects.toThrow(
        new ConfigError(
          "createTitanSync cannot start: sink takes no estimate records, only member, invoice.",
        ),
      );
    }
    await sqlite.close();
    await server.close();
  });

  test("append a host's own type to a table, and refuse to start without one", async () => {
    const database = await createTestDatabase();
    const { pool } = database;
    await pool.query(
      "CREATE TABLE public.estimates (label text NOT NULL, subtotal numeric(12, 2) NOT NULL, customer_name text, source_id text, note text DEFAULT 'new')",
    );
    const stores = openPostgresStores(pool, () => database.drop());
    await expect(
      createEstimatesWorld(stores, { sink: postgresAppendSink({ pool, tables: {} }) }),
    ).rejects.toThrow(/sink takes no estimate records/);
    const columns = { source_id: "source_id", name: "label" };
    const sink = postgresAppendSink({ pool, tables: { estimate: { table: "estimates", columns } } });
    const world = await createEstimatesWorld(stores, { sink });
    world.api.put({ id: 1, customerId: world.alice, name: "New furnace", subtotal: 4200.5 });
    world.api.put({ id: 2, customerId: world.alice, name: "No price" });
    const first = await world.sync({ data: "estimates" });
    expect(first.ledger.records["estimate"]).toMatchObject({ delivered: 1, rejected: 1 });
    expect((await world.sync({ data: "estimates", rederive: true })).status).toBe("completed");
    const { rows } = await pool.query("SELECT label, subtotal, source_id, note FROM public.estimates");
    expect(rows).toEqual([{ label: "New furnace", subtotal: "4200.50", source_id: "1", note: "new" }]);
    await stores.close();
  });
});
