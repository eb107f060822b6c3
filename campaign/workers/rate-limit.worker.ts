// Calls the API for several tenants as fast as the shared rate allows.

import { postgresRateLimitCoordinator } from "@titan-sync/postgres";
import { Pool } from "pg";
import { systemClock } from "../../packages/core/src/async/system-clock.js";
import { Secret } from "../../packages/core/src/crypto/secret.js";
import type { AccessTokenSource } from "../../packages/core/src/http/access-token-source.js";
import { createApiClient } from "../../packages/core/src/http/api-client.js";
import { createRateLimiters } from "../../packages/core/src/http/rate-limiters.js";
import { silentLogger } from "../../packages/core/src/ports/logger.js";
import { watchStalls } from "../support/stalls.js";
import type { LoadedTenant, LoadMessage, LoadPlan } from "./rate-limit-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const pool = new Pool({ connectionString: plan.databaseUrl, max: 4 });
const limiters = createRateLimiters({
  requestsPerSecond: plan.requestsPerSecond,
  clock: systemClock,
  coordinator: postgresRateLimitCoordinator({ pool }),
});
const { signal } = new AbortController();
const end = performance.now() + plan.durationMs;

async function load({ tenantId, appKey, token }: LoadedTenant) {
  const sentAt: number[] = [];
  const tokens: AccessTokenSource = { token: async () => token, refuse: async () => undefined };
  const client = createApiClient({
    apiUrl: plan.simulatorUrl,
    appKey: new Secret(appKey),
    tokens,
    limiter: limiters.for(tenantId, new Secret(appKey)),
    fetch: (input, init) => {
      sentAt.push(performance.timeOrigin + performance.now());
      return fetch(input, init);
    },
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  const call = async (): Promise<void> => {
    while (performance.now() < end) {
      await client.get(`crm/v2/tenant/${tenantId}/customers`, { pageSize: "1" }, { signal });
    }
  };
  await Promise.all(Array.from({ length: plan.callers }, call));
  return { tenantId, sentAt, throttled: client.figures().throttled };
}

const longestStallMs = watchStalls();
const loads = await Promise.all(plan.tenants.map(load));
const message: LoadMessage = {
  sentAt: Object.fromEntries(loads.map(({ tenantId, sentAt }) => [tenantId, sentAt])),
  throttled: loads.reduce((sum, { throttled }) => sum + throttled, 0),
  stallMs: longestStallMs(),
};
process.stdout.write(`${JSON.stringify(message)}\n`);
await pool.end();
