import {
  createSimulator,
  type Simulator,
  type SimulatorServer,
  startSimulatorServer,
} from "@titan-sync/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTokenClient } from "../packages/core/src/auth/token-client.js";
import { Secret } from "../packages/core/src/crypto/secret.js";
import { systemClock } from "../packages/core/src/http/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { isSample, report } from "./support/campaign.js";
import { startWorker } from "./support/worker-process.js";
import type { LoadedTenant, LoadMessage, LoadPlan } from "./workers/rate-limit-plan.js";

const serverLimit = 60;
/** Beside all other tests the simulator stalls at times, and counts what has waited meanwhile as one burst. */
const requestsPerSecond = isSample ? 30 : 55;
const tenantCount = isSample ? 2 : 4;
const seconds = isSample ? 4 : 60;

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

  test(`send no more than ${requestsPerSecond} requests in any rolling second for ${seconds} s, and are never throttled`, async () => {
    const plan: LoadPlan = {
      databaseUrl: database.url,
      simulatorUrl: server.url,
      tenants: await tenantsWithTokens(),
      requestsPerSecond,
      callers: 8,
      durationMs: seconds * 1000,
    };
    const workers = [1, 2].map(() => startWorker<LoadMessage>("rate-limit", plan));
    await Promise.all(workers.map((worker) => worker.gone));
    const messages = workers.flatMap((worker) => worker.messages);
    expect(messages).toHaveLength(2);

    const counters = simulator.counters();
    for (const { tenantId } of plan.tenants) {
      const perProcess = messages.map(({ sentAt }) => sentAt[tenantId] ?? []);
      const sentAt = perProcess.flat().sort((a, b) => a - b);
      const most = mostInASecond(sentAt);
      const spanMs = (sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0);
      report(
        `Tenant ${tenantId}: ${perProcess.map((times) => times.length).join(" + ")} requests, ${((sentAt.length / spanMs) * 1000).toFixed(1)} a second; in the fullest one ${most} sent, ${counters.peakByTenant[tenantId]} arrived.`,
      );
      expect(most).toBeLessThanOrEqual(requestsPerSecond);
      // Requests do not all travel equally fast.
      expect(counters.peakByTenant[tenantId]).toBeLessThanOrEqual(serverLimit);
      for (const times of perProcess) expect(times.length).toBeGreaterThan(0.2 * sentAt.length);
    }
    expect(counters.throttled).toBe(0);
    expect(messages.map(({ throttled }) => throttled)).toEqual([0, 0]);
  });
});

/** @param times - in order. */
function mostInASecond(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - 1000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
