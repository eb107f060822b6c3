import { describe, expect, it } from "vitest";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { transparentEncryptor } from "../__fixtures__/stored-credential.js";
import { AbortedError } from "../errors.js";
import { feeds } from "../records/definitions/definitions.js";
import type { ConnectionTest } from "./connection-verdict.js";
import { createCredentialManager } from "./credential-manager.js";

const scopes = [...new Set(Object.values(feeds).map((feed) => feed.scope))];
const shape = ({ steps }: ConnectionTest): readonly string[] =>
  steps.map(({ step, scope, ok }) => `${step}${scope === null ? "" : ` ${scope}`}: ${ok ? "ok" : "failed"}`);
const failedStep = ({ steps }: ConnectionTest) => steps.find((step) => !step.ok);

describe("a connection test", () => {
  it("goes through token, app key, tenant and every scope", async () => {
    const { manager, input, simulator } = createSimulatedManager();
    const test = await manager.testValues(input);

    expect(test).toMatchObject({ ok: true, missingScopes: [] });
    expect(shape(test).slice(0, 3)).toEqual(["token: ok", "app-key: ok", "tenant: ok"]);
    expect(shape(test).slice(3).sort()).toEqual(scopes.map((scope) => `scope ${scope}: ok`).sort());
    expect(simulator.counters()).toMatchObject({ requests: scopes.length, tokenRequests: 1 });
  });

  it("stops if the token is refused", async () => {
    const { manager, input } = createSimulatedManager();
    const test = await manager.testValues({ ...input, clientSecret: "cs1.another-secret-altogether" });

    expect(shape(test)).toEqual(["token: failed"]);
    expect(failedStep(test)?.hint).toContain("Usual causes");
  });

  it("stops if the app key is refused", async () => {
    const { manager, input } = createSimulatedManager();
    const test = await manager.testValues({ ...input, appKey: "ak1.another-app-key-altogether" });

    expect(shape(test)).toEqual(["token: ok", "app-key: failed"]);
    expect(failedStep(test)?.hint).toContain("app key");
  });

  it("stops if the tenant is not found", async () => {
    const { manager, input } = createSimulatedManager({ foreignTenantStatus: 404 });
    const test = await manager.testValues({ ...input, tenantId: "99" });

    expect(shape(test)).toEqual(["token: ok", "app-key: ok", "tenant: failed"]);
    expect(failedStep(test)?.hint).toContain("tenant id");
  });

  it("treats a tenant of which nothing can be read as the wrong one", async () => {
    const { manager, input } = createSimulatedManager({ foreignTenantStatus: 403 });
    const test = await manager.testValues({ ...input, tenantId: "99" });

    expect(test.ok).toBe(false);
    expect(test.missingScopes).toHaveLength(scopes.length);
    expect(failedStep(test)).toMatchObject({ step: "tenant" });
    expect(failedStep(test)?.hint).toContain("Check the tenant id");
  });

  it("is ok without a scope that only adds fields, and names it", async () => {
    const granted = scopes.filter((scope) => scope !== "tn.dis.zones:r");
    const { manager, input } = createSimulatedManager({ tenants: [{ customers: 2, scopes: granted }] });
    const test = await manager.testValues(input);

    expect(test).toMatchObject({ ok: true, missingScopes: ["tn.dis.zones:r"] });
    expect(failedStep(test)).toMatchObject({
      step: "scope",
      scope: "tn.dis.zones:r",
      message: "tn.dis.zones:r is not granted (zones).",
    });
    expect(failedStep(test)?.hint).toContain("Grant the app the scope");
  });

  it("is ok with either customers or invoices, but not with neither", async () => {
    const without = (...missing: string[]) => scopes.filter((scope) => !missing.includes(scope));
    const one = createSimulatedManager({
      tenants: [{ customers: 2, scopes: without("tn.crm.customers:r") }],
    });
    expect((await one.manager.testValues(one.input)).ok).toBe(true);

    const neither = createSimulatedManager({
      tenants: [{ customers: 2, scopes: without("tn.crm.customers:r", "tn.acc.invoices:r") }],
    });
    const test = await neither.manager.testValues(neither.input);
    expect(test.ok).toBe(false);
    expect(shape(test)).toContain("tenant: ok");
  });

  it("distinguishes a failing API from a refusal", async () => {
    const { manager, input, simulator } = createSimulatedManager();
    simulator.faults.inject({ effect: { kind: "status", status: 503, body: "html" }, endpoint: "list" });
    const test = await manager.testValues(input);

    expect(shape(test)).toEqual(["token: ok", "app-key: failed"]);
    expect(failedStep(test)?.message).toContain("503");
  });

  it("continues when one scope's call fails for another reason", async () => {
    const { manager, input, simulator } = createSimulatedManager();
    simulator.faults.inject({ effect: { kind: "status", status: 503 }, feed: "zones" });
    const test = await manager.testValues(input);

    expect(test).toMatchObject({ ok: true, missingScopes: [] });
    expect(failedStep(test)).toMatchObject({ scope: "tn.dis.zones:r" });
  });

  it.each(["token", "list"] as const)(
    "ends within ten seconds when the %s endpoint hangs",
    async (endpoint) => {
      const { manager, input, simulator, clock } = createSimulatedManager({
        encryptor: transparentEncryptor(),
      });
      simulator.faults.inject({ effect: { kind: "hang" }, endpoint });
      const testing = manager.testValues(input);
      await clock.advance(10_000);

      const test = await testing;
      expect(test.ok).toBe(false);
      expect(failedStep(test)).toMatchObject({
        durationMs: 10_000,
        message: "ServiceTitan did not respond within ten seconds.",
      });
      expect(clock.sleeping()).toBe(0);
    },
  );

  it("ends at once when the caller aborts it", async () => {
    const { manager, input, simulator, clock } = createSimulatedManager();
    simulator.faults.inject({ effect: { kind: "hang" }, endpoint: "token" });
    const controller = new AbortController();
    const testing = manager.testValues(input, { signal: controller.signal });
    setImmediate(() => controller.abort());

    await expect(testing).rejects.toThrow(AbortedError);
    expect(clock.sleeping()).toBe(0);
  });

  it("sends nothing to addresses that must not receive secrets", async () => {
    const { managerOptions, input } = createSimulatedManager();
    const endpoints = () => ({ apiUrl: "https://api.example.com", authUrl: "http://auth.example.com" });
    const manager = createCredentialManager({ ...managerOptions, endpoints });
    const { id } = await manager.create(input);

    const test = await manager.test(id);
    expect(failedStep(test)?.message).toContain("authUrl must be https");
    expect(await manager.find(id)).toMatchObject({ status: "pending" });
  });
});
