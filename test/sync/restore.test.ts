import { randomUUID } from "node:crypto";
import {
  createTitanSync,
  generateEncryptionKey,
  type HostRecord,
  type MemorySink,
  memorySink,
  memoryStorage,
  type RecordSinkObject,
  type RecordType,
  type RunResult,
  type Storage,
  type SyncRequest,
  staticKeys,
  type TitanSyncOptions,
} from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { createSimulator, type Simulator } from "@titan-sync/simulator";
import { Pool } from "pg";
import { afterAll, describe, expect, inject, test } from "vitest";
import { createTestDatabase } from "../postgres/database.js";
import { administrate } from "../postgres/template.js";
import { openPostgresStores } from "./postgres-stores.js";

type Contents = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** A storage that can be put back to an earlier state, and a sink that continues meanwhile. */
interface Place {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  /** Keeps the storage as it is now. @param repeat - brings another storage to the same state. */
  backUp(repeat: (storage: Storage) => Promise<void>): Promise<void>;
  /** The storage as it was. */
  restore(): Promise<Storage>;
  contents(record: RecordType): Promise<Contents>;
}

const closings: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closings.reverse()) await close();
});

const places = { memory: openMemory, "PostgreSQL, the sink in another database": openPostgres };
const companyId = "acme";
const keys = staticKeys(generateEncryptionKey());
const impatient = { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 4 };

describe.each(Object.entries(places))("a storage that is restored from a backup, %s", (_name, openPlace) => {
  test("ends in the same state as an undisturbed one after the next full sync, with a newer sink", async () => {
    const simulator = createSimulator({
      rateLimitPerSecond: null,
      exportLagMs: 0,
      tenants: [{ customers: 60, invoices: 120 }],
    });
    const tenantId = simulator.tenants[0]?.tenantId ?? "";
    const place = await openPlace();
    const run = runsOf(simulator, place.sink);
    await run(place.storage);
    await place.backUp(async (storage) => {
      await runsOf(simulator, memorySink())(storage);
    });

    const [changed, flipped, vanished] = await delivered(place, "member");
    const [deactivated, gone] = await delivered(place, "invoice");
    const original = rowOf(simulator, "customers", flipped);
    const { id: _, ...copy } = rowOf(simulator, "customers", changed);
    const [passing] = simulator.mutate(
      tenantId,
      { kind: "add", feed: "customers", row: { ...copy, name: "Passing" } },
      { kind: "add", feed: "customers", row: { ...copy, name: "Staying" } },
      { kind: "edit", feed: "customers", id: changed, set: { name: "Changed" } },
      { kind: "edit", feed: "customers", id: flipped, set: { name: "For a while" } },
      { kind: "delete", feed: "customers", id: vanished },
      { kind: "deactivate", feed: "invoices", id: deactivated },
      { kind: "delete", feed: "invoices", id: gone },
    );
    await run(place.storage, { mode: "full" });
    // Known to the sink alone from now on, and as the backup has it again.
    simulator.mutate(
      tenantId,
      { kind: "delete", feed: "customers", id: passing?.id ?? 0 },
      { kind: "edit", feed: "customers", id: flipped, set: { name: original["name"] } },
    );
    const before = await place.contents("member");
    expect(before.get(String(passing?.id))?.["customer_name"]).toBe("Passing");
    expect(before.get(String(flipped))?.["customer_name"]).toBe("For a while");

    const restored = await place.restore();
    await run(restored, { mode: "full" });

    const untouched = await undisturbed(simulator);
    expect(await place.contents("member")).toEqual(untouched.member);
    expect(await place.contents("invoice")).toEqual(untouched.invoice);
    const next = await run(restored, { mode: "full" });
    expect(next.ledger.successful).toBe(0);
  });
});

describe("a full sync", () => {
  test("repairs a sink that lost records, or received some from elsewhere", async () => {
    const simulator = createSimulator({
      rateLimitPerSecond: null,
      exportLagMs: 0,
      tenants: [{ customers: 20, invoices: 20 }],
    });
    const storage = memoryStorage();
    await runsOf(simulator, memorySink())(storage);
    const sink = memorySink();
    const record = { customer_name: "Nobody" } as HostRecord;
    const scope = {
      companyId,
      environment: "production",
      tenantId: simulator.tenants[0]?.tenantId ?? "",
    } as const;
    const batch = { id: "1", runId: "1", credentialId: "1", scope, record: "member" } as const;
    await sink.write(
      { ...batch, items: [{ op: "upsert", key: "987654321", revision: 3, record }] },
      { signal: new AbortController().signal },
    );
    const incremental = await runsOf(simulator, sink)(storage);
    expect(incremental.ledger.successful).toBe(0);
    const full = await runsOf(simulator, sink)(storage, { mode: "full" });
    expect(full.ledger.records.member?.removed).toBe(1);
    const untouched = await undisturbed(simulator);
    expect(rowsOf(sink, "member")).toEqual(untouched.member);
    expect(rowsOf(sink, "invoice")).toEqual(untouched.invoice);
  });
});

/** Runs a sync to its end on whatever storage is given, whose credential is made when it has none. */
function runsOf(simulator: Simulator, sink: RecordSinkObject) {
  return async (storage: Storage, request: Partial<SyncRequest> = {}): Promise<RunResult> => {
    const settings: TitanSyncOptions = {
      storage,
      sink,
      keys,
      company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
      retry: impatient,
      batchSize: 25,
    };
    const titan = createTitanSync(settings);
    const [known] = (await titan.credentials.list({ companyId }, { limit: 1 })).items;
    const [tenant] = simulator.tenants;
    if (tenant === undefined) throw new Error("The simulator has no tenant.");
    const credential = known ?? (await titan.credentials.create({ companyId, ...tenant }));
    const result = await (await titan.sync({ credentialId: credential.id, ...request })).result;
    await titan.close();
    expect(result).toMatchObject({ status: "completed", error: null });
    return result;
  };
}

async function undisturbed(simulator: Simulator) {
  const sink = memorySink();
  await runsOf(simulator, sink)(memoryStorage());
  return { member: rowsOf(sink, "member"), invoice: rowsOf(sink, "invoice") };
}

function rowsOf(sink: MemorySink, record: RecordType): Contents {
  return new Map([...sink.records(record)].map(([id, { record: row }]) => [id, plain({ ...row })]));
}

/** Without what each run gives again, and with totals as numbers: how a stream prints them is its own matter. */
function plain({ version: _, total, ...row }: Record<string, unknown>) {
  return { ...row, ...(total !== undefined && { total: total === null ? null : Number(total) }) };
}

async function delivered(place: Place, record: RecordType): Promise<[number, number, number]> {
  const [first = 0, second = 0, third = 0] = [...(await place.contents(record)).keys()].map(Number);
  return [first, second, third];
}

function rowOf(simulator: Simulator, feed: "customers", id: number) {
  const row = simulator.rows(simulator.tenants[0]?.tenantId ?? "", feed).find((one) => one.id === id);
  if (row === undefined) throw new Error("The simulator has no such row.");
  return row;
}

async function openMemory(): Promise<Place> {
  const sink = memorySink();
  const old = memoryStorage();
  return {
    storage: memoryStorage(),
    sink,
    backUp: (repeat) => repeat(old),
    restore: async () => old,
    contents: async (record) => rowsOf(sink, record),
  };
}

function openPool(connectionString: string): Pool {
  const pool = new Pool({ connectionString });
  // Databases are dropped while connections that nobody uses are still being closed.
  pool.on("error", () => undefined);
  return pool;
}

async function openPostgres(): Promise<Place> {
  const server = inject("postgresUrl");
  const target = await createTestDatabase();
  const { storage: _, records } = openPostgresStores(target.pool, async () => undefined);
  const names = [randomUUID(), randomUUID()].map((id) => `test_${id.replaceAll("-", "")}`);
  const [live = "", copy = ""] = names;
  await administrate(server, (client) =>
    client.query(`CREATE DATABASE ${live} TEMPLATE titan_sync_template`),
  );
  let pool = openPool(`${server}/${live}`);
  closings.push(async () => {
    await pool.end();
    for (const name of names) {
      await administrate(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    }
    await target.drop();
  });
  // A database is copied while nobody is connected to it.
  const reopen = async (work: string, name: string): Promise<void> => {
    await pool.end();
    await administrate(server, (client) => client.query(work));
    pool = openPool(`${server}/${name}`);
  };
  const connected: Pick<Pool, "connect"> = { connect: () => pool.connect() } as Pick<Pool, "connect">;
  return {
    storage: postgresStorage({ pool: connected as never }),
    sink: postgresSink({ pool: target.pool }),
    backUp: () => reopen(`CREATE DATABASE ${copy} TEMPLATE ${live}`, live),
    async restore() {
      await reopen(`DROP DATABASE ${live} WITH (FORCE)`, copy);
      return postgresStorage({ pool });
    },
    contents: async (record) =>
      new Map([...(await records(record, companyId))].map(([id, row]) => [id, plain({ ...row })])),
  };
}
