import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTitanSync, generateEncryptionKey, type JobPriority, staticKeys } from "@titan-sync/core";
import { migratePgBoss, pgBossJobQueue } from "@titan-sync/pg-boss";
import { migrate, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { report } from "./support/campaign.js";
import { type ProgramProcess, startProgram } from "./support/program-process.js";
import { startRestartableServer } from "./support/restartable-server.js";

const incrementals = 500;
const loads = 20;
const workers = 4;
const width = 32;

test("500 incremental syncs wait hardly longer beside 20 first loads, at 200 ms an answer", async () => {
  const server = await startRestartableServer();
  const pool = new Pool({ connectionString: `${server.url}/postgres`, max: width });
  pool.on("error", () => undefined);
  const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-fairness-"));
  const running: ProgramProcess[] = [];
  await migrate({ pool });
  await migratePgBoss({ pool });
  const simulator = createSimulator({
    tenants: [
      ...Array.from({ length: incrementals }, () => ({ customers: 1 })),
      ...Array.from({ length: loads }, () => ({ customers: 3000, invoices: 3000 })),
    ],
    latencyMs: 200,
    rateLimitPerSecond: null,
  });
  const api = await startSimulatorServer(simulator);
  const encryptionKeys = generateEncryptionKey();
  const storage = postgresStorage({ pool });
  const queue = pgBossJobQueue({ pool, storage });
  const titan = createTitanSync({
    storage,
    sink: postgresSink({ pool }),
    keys: staticKeys(encryptionKeys),
    endpoints: { apiUrl: api.url, authUrl: api.url },
    requestsPerSecond: 1000,
  });
  const beganAt = new Map<string, number>();
  const ended = new Map<string, unknown>();

  async function enqueue(index: number, name: string, priority: JobPriority): Promise<string> {
    const runId = `${name} ${index}`;
    const common = {
      type: "scheduled",
      data: "both",
      fresh: false,
      rederive: false,
      replay: false,
    } as const;
    await queue.enqueue({
      ...common,
      ...{ runId, credentialId: credentialIds[index] ?? "none", companyId: `company ${index}`, priority },
      ...{ mode: "incremental", from: null, to: null, by: null, allowRemovals: false, actor: "campaign" },
    });
    return runId;
  }

  /** Queues one of each at once. @returns how long they waited, ascending, in seconds. */
  async function waitsOf(name: string): Promise<readonly number[]> {
    const queuedAt = Date.now();
    const indexes = Array.from({ length: incrementals }, (_, index) => index);
    const runIds = await inParallel(indexes, (index) => enqueue(index, name, "scheduled"));
    while (!runIds.every((runId) => ended.has(runId))) await delay(200);
    expect(new Set(runIds.map((runId) => ended.get(runId)))).toEqual(new Set(["completed"]));
    return runIds
      .map((runId) => ((beganAt.get(runId) ?? Number.NaN) - queuedAt) / 1000)
      .sort((left, right) => left - right);
  }

  const credentialIds: string[] = [];
  try {
    await inParallel([...simulator.tenants.entries()], async ([index, tenant]) => {
      const companyId = `company ${index}`;
      await titan.companies.save(companyId, { trade: "HVAC", importId: 7, timeZone: "UTC" });
      const { id } = await titan.credentials.create({ companyId, ...tenant });
      credentialIds[index] = id;
      if (index < incrementals) await (await titan.sync({ credentialId: id })).result;
    });
    const environment = {
      HOME: directory,
      TITAN_SYNC_DATA_DIR: directory,
      TITAN_SYNC_API_URL: api.url,
      TITAN_SYNC_AUTH_URL: api.url,
      TITAN_SYNC_DATABASE_URL: `${server.url}/postgres`,
      TITAN_SYNC_ENCRYPTION_KEYS: encryptionKeys,
      TITAN_SYNC_RATE_LIMIT: "1000",
    };
    for (let worker = 0; worker < workers; worker += 1) {
      const args = ["worker", "--concurrency", "4"];
      running.push(
        await startProgram(args, environment, ({ event, runId, status }) => {
          const id = String(runId);
          if (event === "run:start" && !beganAt.has(id)) beganAt.set(id, Date.now());
          if (event === "run:end" && status !== "paused") ended.set(id, status);
        }),
      );
    }
    const without = await waitsOf("without");
    const loadIds: string[] = [];
    for (let load = 0; load < loads; load += 1) {
      loadIds.push(await enqueue(incrementals + load, "load", "bulk"));
    }
    // Until they have all slots, and may be asked to give way.
    await delay(11_000);
    const endedBefore = loadIds.filter((id) => ended.has(id)).length;
    const beside = await waitsOf("beside");
    while (!loadIds.every((runId) => ended.has(runId))) await delay(1000);
    const [alone, among] = [medianOf(without), medianOf(beside)];
    report(
      `${incrementals} incremental syncs waited ${alone.toFixed(1)} s in the median without, ${among.toFixed(1)} s beside ${loads} first loads (most: ${without.at(-1)?.toFixed(1)} and ${beside.at(-1)?.toFixed(1)} s); ${endedBefore} loads had ended before.`,
    );
    expect(new Set(loadIds.map((runId) => ended.get(runId)))).toEqual(new Set(["completed"]));
    expect(among).toBeLessThan(Math.max(1.5 * alone, alone + 2));
  } finally {
    await Promise.all(running.map((worker) => worker.stop()));
    await queue.close();
    await titan.close();
    await api.close();
    await pool.end();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
});

function medianOf(ascending: readonly number[]): number {
  return ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of left) results[index] = await work(item);
    }),
  );
  return results;
}
