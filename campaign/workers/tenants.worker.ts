// Syncs randomly chosen credentials one after another, in parallel with other processes.

import { setTimeout as delay } from "node:timers/promises";
import {
  ConflictError,
  createTitanSync,
  type Storage,
  type SyncRequest,
  staticKeys,
  TitanSyncError,
} from "@titan-sync/core";
import { openDatabase } from "./open-database.js";
import type { TenantsMessage, TenantsPlan } from "./tenants-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as TenantsPlan;

const tell = (message: TenantsMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const now = (): number => performance.timeOrigin + performance.now();

let state = plan.seed;
function draw<Item>(items: readonly Item[]): Item {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  const item = items[Math.floor((state / 2 ** 32) * items.length)];
  if (item === undefined) throw new Error("There is nothing to draw from.");
  return item;
}

const requests: readonly Omit<SyncRequest, "credentialId">[] = [
  { data: "both" },
  { data: "both", fresh: true },
  { data: "customers" },
  { data: "invoices" },
  { data: "both", mode: "full" },
  { data: "both", rederive: true },
];

/** When each run was about to release its lease. */
const endings = new Map<string, number>();

function notingEnds(storage: Storage): Storage {
  return {
    ...storage,
    async endRun(params) {
      endings.set(params.lease.runId, now());
      return await storage.endRun(params);
    },
  };
}

const database = await openDatabase(plan.database);
const titan = createTitanSync({
  storage: notingEnds(database.storage),
  sink: database.sink,
  keys: staticKeys(plan.encryptionKey),
  company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
  endpoints: { apiUrl: plan.simulatorUrl, authUrl: plan.simulatorUrl },
  requestsPerSecond: 1000,
  batchSize: 25,
});

async function syncOne(credentialId: string): Promise<void> {
  try {
    const run = await titan.sync({ ...draw(requests), credentialId });
    const from = now();
    const { status } = await run.result;
    runs += 1;
    tell({ kind: "ran", credentialId, runId: run.id, status, from, to: endings.get(run.id) ?? from });
  } catch (error) {
    if (error instanceof ConflictError) {
      tell({ kind: "refused", credentialId });
      await delay(5);
    } else if (TitanSyncError.is(error)) tell({ kind: "failed", code: error.code });
    else throw error;
  }
}

let runs = 0;
const until = now() + plan.durationMs;
async function keepSyncing(): Promise<void> {
  while (now() < until || runs < plan.leastRuns) await syncOne(draw(plan.credentialIds));
}
// Several at once in each process, too.
await Promise.all([keepSyncing(), keepSyncing(), keepSyncing()]);
await titan.close();
await database.close();
