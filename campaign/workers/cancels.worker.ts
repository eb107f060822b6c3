// Stops runs at random moments, again and again. Any failure that they leave unhandled ends this process.

import { setTimeout as delay } from "node:timers/promises";
import {
  createTitanSync,
  csvSink,
  generateEncryptionKey,
  jsonLinesSink,
  memoryStorage,
  type RecordBatch,
  type RecordSink,
  type RunHandle,
  staticKeys,
} from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { createSimulator } from "@titan-sync/simulator";
import { Pool } from "pg";
import type { CancelsMessage, CancelsPlan } from "./cancels-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as CancelsPlan;

function tell(message: CancelsMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

let state = plan.seed;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const simulator = createSimulator({
  seed: plan.seed,
  rateLimitPerSecond: null,
  exportLagMs: 0,
  exportPageSize: 10,
  tenants: [{ customers: 30, invoices: 0 }],
});
const [tenant] = simulator.tenants;
if (tenant === undefined) throw new Error("The simulator has no tenant.");

/** By key, as a reader that goes by revisions sees them. */
const delivered = new Map<string, { readonly revision: number; readonly name: unknown }>();

function keep(batch: RecordBatch): { readonly rejected: readonly [] } {
  for (const item of batch.items) {
    if (item.revision < (delivered.get(item.key)?.revision ?? 0)) continue;
    const name = item.op === "remove" ? null : Reflect.get(item.record, "customer_name");
    delivered.set(item.key, { revision: item.revision, name });
  }
  return { rejected: [] };
}

const pool = plan.databaseUrl === null ? null : new Pool({ connectionString: plan.databaseUrl, max: 6 });

function openSink(): RecordSink {
  switch (plan.sink) {
    case "jsonLinesSink":
      return jsonLinesSink({ directory: plan.directory });
    case "csvSink":
      return csvSink({ directory: plan.directory });
    case "PostgreSQL":
      if (pool === null) throw new Error("There is no database.");
      return postgresSink({ pool });
    case "fetch":
      // As `fetch(address, { body, signal })` does: it ends on its own, and rejects.
      return async (batch, { signal }) => {
        await delay(random() * 6, undefined, { signal });
        if (random() < 0.1) throw new TypeError("fetch failed");
        return keep(batch);
      };
    case "function":
      return async (batch) => {
        await delay(random() * 3);
        if (random() < 0.1) throw new Error("the sink is down");
        return keep(batch);
      };
  }
}

const titan = createTitanSync({
  storage: pool === null ? memoryStorage() : postgresStorage({ pool }),
  sink: openSink(),
  keys: staticKeys(generateEncryptionKey()),
  company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
  endpoints: { apiUrl: "https://api.example.com", authUrl: "https://auth.example.com" },
  fetch: async (input, init) => {
    await delay(random() * 2, undefined, init?.signal ? { signal: init.signal } : {});
    return await simulator.handle(new Request(input, init));
  },
  requestsPerSecond: 1000,
  retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0 },
  batchSize: 5,
});
const { id: credentialId } = await titan.credentials.create({
  companyId: "company",
  tenantId: tenant.tenantId,
  environment: "production",
  clientId: tenant.clientId,
  clientSecret: tenant.clientSecret,
  appKey: tenant.appKey,
});

const ids = simulator.rows(tenant.tenantId, "customers").map((row) => row.id);

/** Those whose name this process has chosen: others may have spaces that a record lacks. */
const changed = new Set<unknown>();

function change(round: number): void {
  for (let index = 0; index < 5; index += 1) {
    const customer = ids[Math.floor(random() * ids.length)];
    if (customer === undefined) continue;
    changed.add(customer);
    const set = { name: `Customer ${round}-${index}` };
    simulator.mutate(tenant?.tenantId ?? "", { kind: "edit", feed: "customers", id: customer, set });
  }
}

async function stop(run: RunHandle, controller: AbortController, how: number): Promise<void> {
  await delay(random() * 40);
  if (how === 0) await run.cancel();
  if (how === 1) controller.abort();
}

for (let round = 0; round < plan.rounds; round += 1) {
  change(round);
  // By its handle, by its signal, by its time, or before it has begun.
  const how = Math.floor(random() * 4);
  const controller = new AbortController();
  if (how === 3) controller.abort();
  const limit = how === 2 ? { stopAfterMs: 1 + Math.floor(random() * 40) } : {};
  const run = await titan.sync({ credentialId, data: "customers", signal: controller.signal, ...limit });
  const stopping = stop(run, controller, how);
  const { status } = await run.result;
  await stopping;
  tell({ kind: "stopped", status });
}

/** A sink that fails now and then may fail the last run, too. */
let status = "failed";
for (let tries = 0; tries < 30 && status !== "completed"; tries += 1) {
  status = (await (await titan.sync({ credentialId, data: "customers" })).result).status;
}
const isSeen = plan.sink === "function" || plan.sink === "fetch";
const wrong = simulator
  .rows(tenant.tenantId, "customers")
  .filter(
    (row) =>
      isSeen &&
      changed.has(row.id) &&
      delivered.has(String(row.id)) &&
      delivered.get(String(row.id))?.name !== row["name"],
  );
tell({ kind: "ended", status, wrong: wrong.length });
await titan.close();
await pool?.end();
