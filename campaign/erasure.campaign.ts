import {
  createTitanSync,
  type ErasureResult,
  feeds,
  generateEncryptionKey,
  memoryStorage,
  type RecordBatch,
  type RecordSinkObject,
  type RunResult,
  type Storage,
  type SyncRequest,
  staticKeys,
} from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { createDice, type Dice, isSample, report, seed } from "./support/campaign.js";
import { erased, fillTenant, invoicesOfOthers, mark, moveInvoices } from "./support/customer-to-erase.js";
import { expectBalanced } from "./support/outcome.js";
import { createSmallManager } from "./support/small-manager.js";

/** A separate storage for each round, and every text in it. */
interface Place {
  readonly storage: Storage;
  texts(companyId: string): Promise<readonly string[]>;
}

const feedNames = Object.keys(feeds);

/** Everything that a storage returns. */
async function readAll(storage: Storage, companyId: string): Promise<readonly string[]> {
  const page = { limit: 10_000 };
  const scopes = (await storage.listTenants(companyId)).map(({ scope }) => scope);
  const parts: unknown[] = [
    await storage.listRejections({ companyId }, page),
    await storage.listRecords({ record: "member", companyId }, page),
    await storage.listRecords({ record: "invoice", companyId }, page),
    await storage.listAudit({ companyId }, page),
    await storage.listRuns({ companyId }, page),
  ];
  for (const scope of scopes) {
    parts.push(await storage.listStagedBatches(scope));
    for (const feed of feedNames) {
      const ids = await storage.listEntityIds({ scope, feed, after: null, limit: 10_000 });
      parts.push(await storage.findEntities({ scope, feed, ids: ids.map(({ id }) => id) }));
    }
  }
  return parts.map((part) => JSON.stringify(part));
}

/** A sink that keeps what it has by key, refuses some items and may be down. */
function createSink(dice: Dice, supportsRemoval: boolean) {
  const held = new Map<string, string>();
  const state = { isDown: false, refuses: true };
  const take = ({ record, items }: RecordBatch) => {
    if (state.isDown) throw new Error("down");
    const rejected: { key: string; reason: string }[] = [];
    for (const item of items) {
      const name = `${record} ${item.key}`;
      if (item.op === "upsert" && state.refuses && dice.integer(0, 7) === 0)
        rejected.push({ key: item.key, reason: "no" });
      else if (item.op === "upsert") held.set(name, JSON.stringify(item.record));
      else if (supportsRemoval) held.delete(name);
    }
    return { rejected };
  };
  const sink: RecordSinkObject = { supportsRemoval, write: async (batch) => take(batch) };
  return { sink, held, state };
}

/** One tenant, filled, synced, erased from, and synced again in every way. */
async function erasedTenant(
  { storage, texts }: Place,
  dice: Dice,
  companyId: string,
): Promise<ErasureResult> {
  const manager = createSmallManager();
  fillTenant(manager, dice);
  const supportsRemoval = dice.integer(0, 3) > 0;
  const { sink, held, state } = createSink(dice, supportsRemoval);
  const titan = createTitanSync({
    storage,
    sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", importId: null, timeZone: "America/Chicago" }),
    fetch: manager.fetch,
    requestsPerSecond: 1000,
    batchSize: dice.integer(2, 20),
    retry: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 2 },
  });
  const credential = await titan.credentials.create({
    companyId,
    tenantId: "1001",
    environment: "production",
    clientId: "cid.abcdefghijklmnop",
    clientSecret: "cs1.abcdefghijklmnopqrstuvwxyz",
    appKey: "ak1.abcdefghijklmnop",
  });
  const sync = async (request: Partial<SyncRequest> = {}): Promise<RunResult> =>
    (await titan.sync({ credentialId: credential.id, data: "both", ...request })).result;
  const expectGone = async (when: string): Promise<void> => {
    const left = (await texts(companyId)).filter((text) => text.includes(mark));
    expect(left, when).toEqual([]);
    if (supportsRemoval)
      expect(
        [...held.values()].filter((text) => text.includes(mark)),
        when,
      ).toEqual([]);
  };

  await sync();
  moveInvoices(manager, dice);
  if (dice.integer(0, 1) === 1) {
    state.isDown = dice.integer(0, 1) === 1;
    await sync({ data: dice.pick(["invoices", "customers"]) });
  }
  state.isDown = false;
  state.refuses = false;

  const before = [...held].filter(([, text]) => text.includes(mark)).map(([name]) => name);
  const receipt = await titan.erase({ companyId, customerId: String(erased) });
  await expectGone("after the erasure");
  const remaining = new Set(receipt.remaining.map(({ record, key }) => `${record} ${key}`));
  if (!supportsRemoval) expect(before.filter((name) => !remaining.has(name))).toEqual([]);

  const full = await sync({ mode: "full" });
  expectBalanced([full.ledger]);
  expect(full.ledger.feeds["customers"]?.suppressed).toBeGreaterThan(0);
  await expectGone("after a full sync");
  expectBalanced([(await sync({ from: "2000-01-01", by: "modified" })).ledger]);
  await (await titan.rejections.replay({ credentialId: credential.id })).result;
  await sync({ mode: "full", dryRun: true });
  await expectGone("after a range, a replay and a dry run");
  const invoices = new Set([...held.keys()]);
  for (const id of invoicesOfOthers(manager)) expect(invoices).toContain(`invoice ${id}`);
  expect(invoices).toContain("member 2");

  expect(await titan.suppressions.lift({ companyId, customerId: String(erased) })).toBe(1);
  await sync({ mode: "full" });
  expect(held.get(`member ${erased}`)).toContain(mark);
  await titan.close();
  return receipt;
}

describe("an erased customer is no longer in any text, and does not return until the suppression is lifted", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function rounds(name: string, count: number, open: () => Place): Promise<void> {
    const dice = createDice(`erasure ${name}`);
    const total = { entities: 0, records: 0, rejections: 0, remaining: 0 };
    for (let round = 1; round <= count; round += 1) {
      const { entities, records, rejections, remaining } = await erasedTenant(
        open(),
        dice,
        `${name}-${round}`,
      );
      total.entities += entities;
      total.records += records;
      total.rejections += rejections;
      total.remaining += remaining.length;
    }
    report(
      `${name}: ${count} customers erased, ${total.entities} rows, ${total.records} records, ${total.rejections} rejections; ${total.remaining} records named as remaining`,
    );
  }

  test(`in memory (seed ${seed})`, async () => {
    await rounds("memory", isSample ? 10 : 1000, () => {
      const storage = memoryStorage();
      return { storage, texts: (companyId) => readAll(storage, companyId) };
    });
  });

  test(`on PostgreSQL, in every column of every table (seed ${seed})`, async () => {
    const storage = postgresStorage({ pool: database.pool });
    const { rows: tables } = await database.pool.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'titan_sync' AND table_type = 'BASE TABLE'",
    );
    const texts = async (companyId: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const { table_name: table } of tables as { table_name: string }[]) {
        const { rows } = await database.pool.query(
          `SELECT to_jsonb(one)::text AS text FROM titan_sync.${table} one WHERE to_jsonb(one)::text LIKE '%' || $1 || '%'`,
          [mark],
        );
        const own = (rows as { text: string }[]).map((row) => `${table}: ${row.text}`);
        found.push(...own.filter((text) => text.includes(`"${companyId}"`)));
      }
      return found;
    };
    await rounds("postgres", isSample ? 2 : 200, () => ({ storage, texts }));
  });
});
