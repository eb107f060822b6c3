import {
  createSimulator,
  type Simulator,
  type SimulatorServer,
  startSimulatorServer,
} from "@titan-sync/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../packages/core/src/async/system-clock.js";
import { createTokenClient } from "../packages/core/src/credentials/token-client.js";
import { Secret } from "../packages/core/src/crypto/secret.js";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { isSample, report } from "./support/campaign.js";
import { watchStalls } from "./support/stalls.js";
import { startWorker } from "./support/worker-process.js";
import type { LoadedTenant, LoadMessage, LoadPlan } from "./workers/rate-limit-plan.js";

const serverLimit = 60;
/** When all tests run in parallel, processes sometimes stall: the sample leaves more room below the limit. */
const requestsPerSecond = isSample ? 30 : 55;
const tenantCount = isSample ? 2 : 4;
const seconds = isSample ? 3 : 60;

describe(`two processes that share PostgreSQL and ${tenantCount} tenants`, () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let server: SimulatorServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    simulator = createSimulator({
      tenants: Array.from({ length: tenantCount }, () => ({ customers: 1, invoices: 0 })),
      rateLimitPerSecond: serverLimit,
    });
    server = await startSimulatorServer(simulator);
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  async function tenantsWithTokens(): Promise<readonly LoadedTenant[]> {
    const tokenClient = createTokenClient({ authUrl: server.url, fetch, clock: systemClock });
    const { signal } = new AbortController();
    return await Promise.all(
      simulator.tenants.map(async ({ tenantId, appKey, clientId, clientSecret }) => {
        const { accessToken } = await tokenClient.request(
          { clientId: new Secret(clientId), clientSecret: new Secret(clientSecret) },
          signal,
        );
        return { tenantId, appKey, token: accessToken };
      }),
    );
  }

  test(`send no more than ${requestsPerSecond} requests of a tenant in any rolling second, for ${seconds} s`, async () => {
    const plan: LoadPlan = {
      databaseUrl: database.url,
      simulatorUrl: server.url,
      tenants: await tenantsWithTokens(),
      requestsPerSecond,
      callers: 8,
      durationMs: seconds * 1000,
    };
    const longestStallMs = watchStalls();
    const workers = [1, 2].map(() => startWorker<LoadMessage>("rate-limit", plan));
    await Promise.all(workers.map((worker) => worker.gone));
    const messages = workers.flatMap((worker) => worker.messages);
    expect(messages).toHaveLength(2);

    const counters = simulator.counters();
    const stallMs = longestStallMs() + Math.max(...messages.map((message) => message.stallMs));
    // Requests in flight while a process stalls arrive, or are counted, in one burst with later ones. That is
    // expected when all tests run in parallel; the campaign has the machine to itself.
    const burst = isSample ? Math.ceil((requestsPerSecond * stallMs) / 1000) : 0;
    const maxToArrive = Math.max(serverLimit, requestsPerSecond + burst);
    for (const { tenantId } of plan.tenants) {
      const perProcess = messages.map(({ sentAt }) => sentAt[tenantId] ?? []);
      const sentAt = perProcess.flat().sort((a, b) => a - b);
      const most = maxInASecond(sentAt);
      const arrived = counters.peakByTenant[tenantId] ?? 0;
      const shares = perProcess.map((times) => times.length).join(" + ");
      report(
        `Tenant ${tenantId}: ${shares} requests, ${perSecond(sentAt)} a second; in the fullest one ${most} sent, ${arrived} arrived.`,
      );
      expect(most).toBeLessThanOrEqual(requestsPerSecond + burst);
      expect(arrived).toBeLessThanOrEqual(maxToArrive);
      const fairShare = isSample ? 0 : 0.2 * sentAt.length;
      for (const times of perProcess) expect(times.length).toBeGreaterThan(fairShare);
    }
    report(
      `Throttled ${counters.throttled} times. Processes stood still for up to ${Math.round(stallMs)} ms.`,
    );
    if (maxToArrive <= serverLimit) expect(counters.throttled).toBe(0);
    expect(messages.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(counters.throttled);
  });
});

/** @param times - in order. */
function perSecond(times: readonly number[]): string {
  const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return ((times.length / spanMs) * 1000).toFixed(1);
}

/** @param times - in order. */
function maxInASecond(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - 1000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
