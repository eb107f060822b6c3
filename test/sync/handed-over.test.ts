import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createQueueDispatcher,
  createSyncWorker,
  createTitanSync,
  generateEncryptionKey,
  staticKeys,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import { migrate, openSqlite, sqliteJobQueue, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { expect, onTestFinished, test } from "vitest";

/** One process's part: its own handle of the file, and a worker. */
function openProcess(path: string, shared: { readonly keys: string; readonly fetch: typeof fetch }) {
  const database = openSqlite({ path });
  const storage = sqliteStorage({ database });
  const queue = sqliteJobQueue({ database });
  const titan = createTitanSync({
    storage,
    sink: sqliteSink({ database }),
    keys: staticKeys(shared.keys),
    fetch: shared.fetch,
    company: async () => ({ trade: "HVAC" }),
    requestsPerSecond: 1000,
  });
  return { database, storage, queue, titan };
}

test("a first load that one worker after the other hands over ends as one run, with the rows of an undisturbed one", async () => {
  const directory = mkdtempSync(join(tmpdir(), "titan-sync-workers-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "titan-sync.db");
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 10,
    tenants: [{ customers: 60, invoices: 60 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const shared = {
    keys: generateEncryptionKey(),
    fetch: (async (input, init) => await simulator.handle(new Request(input, init))) as typeof fetch,
  };
  const first = openSqlite({ path });
  await migrate({ database: first });
  await first.close();

  let handedOver = 0;
  for (let landings = 1; ; landings += 1) {
    const { database, storage, queue, titan } = openProcess(path, shared);
    const known = (await storage.listCredentials({}, { limit: 1 })).items[0];
    const { id: credentialId } = known ?? (await titan.credentials.create({ companyId: "acme", ...tenant }));
    const worker = createSyncWorker({ titan, storage, queue, concurrency: 1, pollMs: 10 });
    const isOver = Promise.withResolvers<void>();
    let left = landings;
    worker.subscribe(({ event }) => {
      if (event === "batch:landed") left -= 1;
      if (left <= 0 || event === "run:end") isOver.resolve();
    });
    const dispatcher = createQueueDispatcher({ titan, storage, queue, worker });
    const { runId } = await dispatcher.dispatch({
      runId: "the run",
      credentialId,
      companyId: "acme",
      type: "manual",
      data: "both",
      mode: "incremental",
      fresh: false,
      rederive: false,
      replay: false,
      from: null,
      to: null,
      by: null,
      allowRemovals: false,
      actor: "ann",
    });
    expect(runId).toBe("the run");
    await isOver.promise;
    await dispatcher.close();
    const run = await titan.runs.find(runId);
    const whole =
      run?.completedAt === null ? null : await (await titan.sync({ credentialId, rederive: true })).result;
    const runs = (await storage.listRuns({ credentialId }, { limit: 9 })).items;
    const stats = await queue.stats();
    await titan.close();
    await queue.close();
    await database.close();
    if (whole === null) {
      handedOver += 1;
      expect(run).toMatchObject({ status: "paused", handedOver });
      expect(stats).toMatchObject({ claimed: 0, waiting: { manual: 1 } });
      continue;
    }
    expect(run).toMatchObject({ status: "completed", handedOver });
    expect(handedOver).toBeGreaterThan(1);
    expect(runs).toHaveLength(2);
    expect(whole).toMatchObject({ status: "completed", ledger: { successful: 0 } });
    expect(stats).toMatchObject({ claimed: 0, waiting: { manual: 0 } });
    return;
  }
});
