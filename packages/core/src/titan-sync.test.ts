import { createSimulator } from "@titan-sync/simulator";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { canaryInput } from "./__fixtures__/stored-credential.js";
import { stubApi, stubServiceTitan } from "./__fixtures__/stubbed-service-titan.js";
import { systemClock } from "./async/system-clock.js";
import { generateEncryptionKey } from "./crypto/generate-key.js";
import { staticKeys } from "./crypto/static-keys.js";
import { memoryStorage } from "./memory/memory-storage.js";
import type { Clock } from "./ports/clock.js";
import { createTitanSync, type TitanSync } from "./titan-sync.js";

async function setUp(): Promise<{ readonly titan: TitanSync; readonly credentialId: string }> {
  stubServiceTitan(
    http.post("https://auth.servicetitan.io/connect/token", () =>
      HttpResponse.json({ error: "invalid_client" }, { status: 400 }),
    ),
  );
  const titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey("k1")),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC" }),
  });
  const { id } = await titan.credentials.create(canaryInput);
  return { titan, credentialId: id };
}

describe("createTitanSync", () => {
  it("records who decrypted which secrets for a run", async () => {
    const { titan, credentialId } = await setUp();
    const run = await titan.sync({ credentialId, data: "customers", actor: "ada" });
    await run.result;
    const { items } = await titan.audit.list({}, { limit: 50 });
    expect(items).toContainEqual(
      expect.objectContaining({
        actor: "ada",
        action: "secret:decrypt",
        subject: credentialId,
        outcome: "success",
        details: { fields: ["clientId", "clientSecret", "appKey"], purpose: "sync", version: 1 },
      }),
    );
    expect(JSON.stringify(items)).not.toContain("kanari");
  });

  it("wrote four audit entries for each run that found nothing", async () => {
    const simulator = createSimulator({ rateLimitPerSecond: null, tenants: [{ customers: 3, invoices: 3 }] });
    const [tenant] = simulator.tenants;
    if (tenant === undefined) throw new Error("The simulator has no tenant.");
    let passed = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + passed };
    const titan = createTitanSync({
      storage: memoryStorage({ clock }),
      clock,
      keys: staticKeys(generateEncryptionKey()),
      sink: async () => ({ rejected: [] }),
      company: async () => ({ trade: "HVAC", rules: { names: "off", address: "off", total: "off" } }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
    });
    const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
    const audit = async () => (await titan.audit.list({}, { limit: 100 })).items;
    const request = { credentialId, actor: "scheduler", type: "scheduled" } as const;
    await (await titan.sync(request)).result;
    const before = await audit();
    expect(before.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["sync:start", "secret:decrypt", "token:request", "secret:encrypt", "sync:end"]),
    );

    // Each of these needs a new token.
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      passed += 24 * 60 * 60 * 1000;
      const run = await titan.sync(request);
      expect(await run.result).toMatchObject({ status: "completed", ledger: { processed: 0 } });
      ids.unshift(run.id);
    }
    const idle = (await audit()).slice(0, -before.length);
    expect(idle.map(({ action, subject }) => [action, subject])).toEqual(ids.map((id) => ["sync:start", id]));
    expect(idle[0]).toMatchObject({
      actor: "scheduler",
      details: { credentialId, version: 1, secrets: ["clientId", "clientSecret", "appKey", "accessToken"] },
    });
  });

  it("records at once what failed in a run, and what led to it", async () => {
    const { titan, credentialId } = await setUp();
    await (await titan.sync({ credentialId, data: "customers" })).result;
    const { items } = await titan.audit.list({}, { limit: 50 });
    const actions = items.map(({ action, outcome }) => `${action} ${outcome}`).reverse();
    expect(actions.slice(-5)).toEqual([
      "sync:start success",
      "secret:decrypt success",
      "secret:decrypt success",
      "token:request failure",
      "sync:end failure",
    ]);
  });

  it("shows which keys are in use", async () => {
    const { titan } = await setUp();
    expect(await titan.keys.usage()).toEqual([
      { id: "k1", isCurrent: true, isKnown: true, credentials: 1, suppressionLists: 0 },
    ]);
  });

  it("shows the circuit of a failing API, which stays open until the next try", async () => {
    stubApi(() => new Response("<html></html>", { status: 503 }));
    const titan = createTitanSync({
      storage: memoryStorage(),
      keys: staticKeys(generateEncryptionKey()),
      sink: async () => ({ rejected: [] }),
      company: async () => ({ trade: "HVAC" }),
      retry: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 3, maxElapsedMs: 500 },
      circuit: { failures: 2, openMs: 3_600_000 },
    });
    const { id } = await titan.credentials.create(canaryInput);
    const run = await titan.sync({ credentialId: id, data: "customers" });
    expect(await run.result).toMatchObject({ status: "failed", error: { code: expect.any(String) } });

    expect(titan.circuits()).toMatchObject([{ credentialId: id, state: "open", code: "API_UNAVAILABLE" }]);
    const [limits] = titan.rateLimits.status();
    expect(limits).toMatchObject({ tenantId: canaryInput.tenantId, fullRatePerSecond: 55, queued: 0 });
    expect(limits?.lastMinute).toBeGreaterThanOrEqual(2);
    titan.rateLimits.setRate({ requestsPerSecond: 10 });
    expect(titan.rateLimits.status()[0]).toMatchObject({ fullRatePerSecond: 10 });
  });

  it("failed a run for a 401 of one related feed, although the token is accepted elsewhere", async () => {
    stubApi((path) =>
      path.endsWith("/export/memberships")
        ? Response.json({}, { status: 401 })
        : Response.json({ hasMore: false, continueFrom: "1", totalCount: 0, data: [] }),
    );
    const titan = createTitanSync({
      storage: memoryStorage(),
      keys: staticKeys(generateEncryptionKey()),
      sink: async () => ({ rejected: [] }),
      company: async () => ({ trade: "HVAC" }),
    });
    const { id } = await titan.credentials.create(canaryInput);
    const run = await titan.sync({ credentialId: id, data: "customers" });

    expect(await run.result).toMatchObject({
      status: "partial",
      warnings: [{ code: "FEED_DEGRADED", message: expect.stringContaining("accepts the same token") }],
    });
  });
});
