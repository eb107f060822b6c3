import { generateEncryptionKey } from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quickHeartbeats, safeLeaseMs } from "../../packages/core/src/__fixtures__/quick-heartbeats.js";
import { type Host, startHost } from "../../packages/express/src/__fixtures__/host.js";
import { createTestDatabase, type TestDatabase } from "../postgres/database.js";

let database: TestDatabase;
let pools: readonly Pool[];
let worker: Host;
let other: Host;

/** Two applications that share nothing but a database. */
beforeAll(async () => {
  database = await createTestDatabase();
  const keys = generateEncryptionKey();
  pools = [1, 2].map(() => new Pool({ connectionString: database.url, max: 5 }));
  const start = (pool: Pool): Promise<Host> => {
    const storage = postgresStorage({ pool });
    const heartbeat: typeof storage.renewLease = async (...given) => {
      heartbeats += 1;
      const answer = await storage.renewLease(...given);
      if (answer.cancelRequestedBy !== null) heartbeatsUntilTold ??= heartbeats;
      return answer;
    };
    const titan = { leaseMs: safeLeaseMs, clock: quickHeartbeats };
    return startHost({ storage: { ...storage, renewLease: heartbeat }, keys, titan });
  };
  const [first, second] = await Promise.all(pools.map(start));
  if (first === undefined || second === undefined) throw new Error("The applications did not start.");
  [worker, other] = [first, second];
});

/** Of both applications, of which only one has a run. */
let heartbeats = 0;
let heartbeatsUntilTold: number | null = null;

afterAll(async () => {
  for (const host of [worker, other]) await host[Symbol.asyncDispose]();
  for (const pool of pools) await pool.end();
  await database.drop();
});

async function connect(): Promise<string> {
  const { id } = await worker.titan.credentials.create({ companyId: "acme", ...worker.tenant });
  return id;
}

test("an application cancels a run that hangs in another one, within about a heartbeat", async () => {
  const credentialId = await connect();
  worker.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
  const run = await worker.titan.sync({ credentialId });
  const answer = await other.send(`/credentials/${credentialId}/sync/current`, { method: "DELETE" });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ runId: run.id, outcome: "requested" });
  const before = heartbeats;
  expect(await run.result).toMatchObject({ status: "cancelled", error: null });
  // The one that was on its way when the request came, and the next.
  expect((heartbeatsUntilTold ?? 0) - before).toBeLessThanOrEqual(2);
  const shown = await other.send(`/syncs/${run.id}`);
  expect(await shown.json()).toMatchObject({ status: "cancelled" });

  // What was asked of that run does not reach the next one, which outlives some heartbeats.
  worker.simulator.faults.clear();
  worker.simulator.faults.inject({ effect: { kind: "latency", ms: 200 }, probability: 1, times: 1 });
  const next = await worker.titan.sync({ credentialId });
  expect(next.id).not.toBe(run.id);
  expect(await next.result).toMatchObject({ status: "completed" });
  const members = await worker.titan.records.list({ record: "member" }, { limit: 100 });
  expect(members.items.length).toBeGreaterThan(30);
});
