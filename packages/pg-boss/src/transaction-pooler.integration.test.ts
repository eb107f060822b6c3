import { createSyncWorker, createTitanSync, generateEncryptionKey, staticKeys } from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { createSimulator } from "@titan-sync/simulator";
import { expect, it, onTestFinished, vi } from "vitest";
import { createTestDatabase } from "../../../test/postgres/database.js";
import { createTransactionPooler } from "../../../test/postgres/transaction-pooler.js";
import { jobOf } from "./__fixtures__/open-queue.js";
import { migratePgBoss } from "./migrations/migrate-pg-boss.js";
import { pgBossJobQueue } from "./pg-boss-job-queue.js";

async function openPooler(options: { readonly refuses?: string } = {}) {
  const { url, drop } = await createTestDatabase();
  const pooler = await createTransactionPooler(url, options);
  onTestFinished(async () => {
    await pooler.close();
    await drop();
  });
  return pooler;
}

it("a migration behind a transaction pooler left its lock on a connection, and no other ever ran again", async () => {
  const pooler = await openPooler();
  await Promise.all([1, 2, 3].map(() => migratePgBoss({ pool: pooler.pool() })));
  await migratePgBoss({ pool: pooler.pool() });
  expect(await pooler.leftovers()).toEqual([]);
});

it.each([
  ["is heard by nobody", {}],
  ["is refused", { refuses: "LISTEN" }],
])(
  "workers behind a transaction pooler, where LISTEN %s, find jobs of others by polling",
  async (_, options) => {
    const pooler = await openPooler(options);
    const [own, others] = [pooler.pool(), pooler.pool()];
    await migratePgBoss({ pool: own });
    const simulator = createSimulator({
      rateLimitPerSecond: null,
      tenants: [{ customers: 30, invoices: 30 }],
    });
    const [tenant] = simulator.tenants;
    if (tenant === undefined) throw new Error("The simulator has no tenant.");
    const storage = postgresStorage({ pool: own });
    const queue = pgBossJobQueue({ pool: own, storage });
    const titan = createTitanSync({
      storage,
      sink: postgresSink({ pool: own }),
      keys: staticKeys(generateEncryptionKey()),
      fetch: async (input, init) => await simulator.handle(new Request(input, init)),
      company: async () => ({ trade: "HVAC" }),
    });
    const { id } = await titan.credentials.create({ companyId: "acme", ...tenant });
    const worker = createSyncWorker({ titan, storage, queue, concurrency: 2, pollMs: 20 });
    const elsewhere = pgBossJobQueue({ pool: others, storage: postgresStorage({ pool: others }) });
    onTestFinished(async () => {
      await worker.close();
      await titan.close();
      await queue.close();
      await elsewhere.close();
    });
    for (const runId of ["first", "second"]) {
      await elsewhere.enqueue({ ...jobOf(id), companyId: "acme", runId });
      await vi.waitFor(
        async () => expect(await storage.findRun(runId)).toMatchObject({ status: "completed" }),
        60_000,
      );
    }
    await worker.close();
    expect(await pooler.leftovers()).toEqual([]);
  },
);
