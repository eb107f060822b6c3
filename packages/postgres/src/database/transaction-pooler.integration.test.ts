import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { createTransactionPooler } from "../../../../test/postgres/transaction-pooler.js";
import { migrate } from "../migrations/migrate.js";
import { openOwnRun } from "../storage/__fixtures__/open-run.js";
import { postgresStorage } from "../storage/postgres-storage.js";

async function openPooler(options: { readonly empty?: boolean } = {}) {
  const { url, drop } = await createTestDatabase(options);
  const pooler = await createTransactionPooler(url);
  onTestFinished(async () => {
    await pooler.close();
    await drop();
  });
  return pooler;
}

it("heartbeats behind a transaction pooler limited the time that other programs may wait for a lock", async () => {
  const pooler = await openPooler();
  const storage = postgresStorage({ pool: pooler.pool() });
  const { lease } = await openOwnRun(storage);
  await storage.renewLease({ lease, leaseMs: 60_000 });
  expect(await pooler.leftovers()).toEqual([]);
  await storage.endRun({ lease, status: "completed", warnings: [], error: null });
  expect(await pooler.leftovers()).toEqual([]);
  await storage.close();
});

it("several programs behind a transaction pooler migrate once, and leave nothing behind", async () => {
  const pooler = await openPooler({ empty: true });
  const applied = await Promise.all([1, 2, 3].map(() => migrate({ pool: pooler.pool() })));
  expect(applied.filter((versions) => versions.length > 0)).toHaveLength(1);
  expect(await pooler.leftovers()).toEqual([]);
});
