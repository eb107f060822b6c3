// Runs one sync to its end, waiting out the lease of an owner that was killed.

import { setTimeout as delay } from "node:timers/promises";
import {
  ConflictError,
  createTitanSync,
  type RunHandle,
  staticKeys,
  type TitanSync,
  TitanSyncError,
} from "@titan-sync/core";
import { fileSink } from "./file-sink.js";
import { createCommitWatch, nameVerbs, watchPool, watchSqlite } from "./kill-points.js";
import { openDatabase } from "./open-database.js";
import type { SyncPlan, WorkerMessage } from "./sync-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as SyncPlan;

/** Written before it returns: whatever a killed process has reported is true. */
function tell(message: WorkerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function findCredential(titan: TitanSync): Promise<string> {
  const { companyId, tenant } = plan;
  const { items } = await titan.credentials.list({ companyId }, { limit: 1 });
  return items[0]?.id ?? (await titan.credentials.create({ companyId, ...tenant })).id;
}

async function begin(titan: TitanSync): Promise<RunHandle> {
  const credentialId = await findCredential(titan);
  for (;;) {
    try {
      return await titan.sync({ ...plan.request, credentialId });
    } catch (error) {
      if (!(error instanceof ConflictError) || error.leaseEndsInMs === null) throw error;
      await delay(error.leaseEndsInMs + 5);
    }
  }
}

const watch = createCommitWatch(plan.killPoint, (where) => tell({ kind: "at", where }));
if (plan.database.kind === "SQLite") await watchSqlite(watch);
const database = await openDatabase(plan.database, (pool) => watchPool(pool, watch));
const titan = createTitanSync({
  storage: nameVerbs(database.storage),
  sink: plan.sinkFile === null ? database.sink : fileSink(plan.sinkFile),
  keys: staticKeys(plan.encryptionKey),
  company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
  endpoints: { apiUrl: plan.simulatorUrl, authUrl: plan.simulatorUrl },
  requestsPerSecond: 1000,
  retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 6 },
  leaseMs: plan.leaseMs,
  batchSize: plan.batchSize,
});
try {
  const run = await begin(titan);
  tell({ kind: "begun", runId: run.id, resumed: run.resumed });
  tell({ kind: "ended", result: await run.result });
} catch (error) {
  if (!TitanSyncError.is(error)) throw error;
  tell({ kind: "gave up", code: error.code, message: error.message });
}
await titan.close();
await database.close();
