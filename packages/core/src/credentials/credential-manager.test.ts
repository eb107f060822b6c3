import { describe, expect, it } from "vitest";
import { failureOf } from "../__fixtures__/failure-of.js";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { testEncryptor, transparentEncryptor } from "../__fixtures__/stored-credential.js";
import { syncOnce } from "../__fixtures__/sync-once.js";
import { AbortedError, ConflictError, CryptoError, TitanSyncError, ValidationError } from "../errors.js";
import { createCredentialManager } from "./credential-manager.js";
import { contextOf } from "./open-credential.js";

describe("remove", () => {
  it("removes a credential that was never used", async () => {
    const { manager, input } = createSimulatedManager();
    const { id } = await manager.create(input);

    expect(await manager.remove(id)).toBe(true);
    expect(await manager.find(id)).toBeNull();
    expect(await manager.remove(id)).toBe(false);
  });

  it("refuses within 24 hours of a sync unless forced", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await (await syncOnce(test, id)).end();
    await test.clock.advance(24 * 3_600_000 - 1);
    const error = await failureOf(test.manager.remove(id));
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ hint: expect.stringContaining("use force") });

    expect(await test.manager.remove(id, { force: true })).toBe(true);
  });

  it("does not require force a day later", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await (await syncOnce(test, id)).end();
    await test.clock.advance(24 * 3_600_000);

    expect(await test.manager.remove(id)).toBe(true);
  });

  it("refuses while a run is in progress, even with force", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await syncOnce(test, id);

    expect(await failureOf(test.manager.remove(id, { force: true }))).toMatchObject({
      code: "CONFLICT",
      runId: "run-1",
    });
  });

  it("keeps the data unless its removal is requested", async () => {
    const test = createSimulatedManager();
    const first = await test.manager.create(test.input);
    const { scope, end } = await syncOnce(test, first.id, true);
    await end();
    await test.manager.remove(first.id, { force: true });
    expect(await test.storage.hasLandedData(scope)).toBe(true);

    const second = await test.manager.create(test.input);
    await test.manager.remove(second.id, { withData: true });
    expect(await test.storage.hasLandedData(scope)).toBe(false);
  });
});

describe("find and list", () => {
  it("find by id, and by company and environment", async () => {
    const { manager, input } = createSimulatedManager();
    const { id } = await manager.create(input);

    expect(await manager.find(id)).toMatchObject({ id });
    expect(await manager.find("unknown")).toBeNull();
    expect(await manager.findFor("acme", input.environment)).toMatchObject({ id });
    expect(await manager.findFor("acme", "integration")).toBeNull();
    expect(await manager.findFor("other", input.environment)).toBeNull();
  });

  it("list in pages, by status and by when the token expires", async () => {
    const { manager, input, clock } = createSimulatedManager();
    for (const companyId of ["c", "a", "b"])
      await manager.create({ ...input, companyId }, { test: companyId === "b" });
    const first = await manager.list({}, { limit: 2 });
    const second = await manager.list({}, { limit: 2, cursor: first.next });
    expect([...first.items, ...second.items].map((item) => item.companyId)).toEqual(["a", "b", "c"]);
    expect(second.next).toBeNull();

    const companies = async (filter: Parameters<typeof manager.list>[0]) =>
      (await manager.list(filter, { limit: 9 })).items.map((item) => item.companyId);
    expect(await companies({ status: "connected" })).toEqual(["b"]);
    expect(await companies({ tokenExpiresBefore: clock.now() + 900_001 })).toEqual(["b"]);
    expect(await companies({ tokenExpiresBefore: clock.now() + 900_000 })).toEqual([]);
  });
});

describe("test", () => {
  it("stores the outcome with the credential and keeps the token", async () => {
    const { manager, input, clock } = createSimulatedManager();
    const { id } = await manager.create(input);

    expect(await manager.test(id)).toMatchObject({ ok: true });
    expect(await manager.find(id)).toMatchObject({
      status: "connected",
      lastConnectionAttemptAt: clock.now(),
      tokenExpiresAt: clock.now() + 900_000,
    });
  });

  it("marks a credential that is refused, and makes it usable again", async () => {
    const { manager, simulator, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    const effect = { kind: "status", status: 401, body: "oauth" } as const;
    simulator.faults.inject({ effect, endpoint: "token", nth: 1 });

    expect(await manager.test(id)).toMatchObject({ ok: false });
    expect(await manager.find(id)).toMatchObject({ status: "error" });
    expect(await manager.test(id)).toMatchObject({ ok: true });
    expect(await manager.find(id)).toMatchObject({ status: "connected" });
  });

  it("does not change the status after a transient failure", async () => {
    const { manager, simulator, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    simulator.faults.inject({ effect: { kind: "status", status: 503 } });

    expect(await manager.test(id)).toMatchObject({ ok: false });
    expect(await manager.find(id)).toMatchObject({ status: "pending" });
  });

  it("does not wait long for another process that is requesting a token", async () => {
    const { manager, storage, input, clock } = createSimulatedManager({ encryptor: transparentEncryptor() });
    const { id } = await manager.create(input);
    await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 60_000 });
    const testing = manager.test(id);
    await clock.advance(2000);

    expect(await testing).toMatchObject({ ok: true });
  });

  it("releases the lease", async () => {
    const { manager, storage, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    await manager.test(id);

    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("has released the lease by the time it is stopped, which once took longer than the caller lived", async () => {
    const { managerOptions, manager, storage, simulator, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    simulator.faults.inject({ endpoint: "token", effect: { kind: "hang" } });
    const controller = new AbortController();
    const releaseTokenLease: typeof storage.releaseTokenLease = async (params) => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      await storage.releaseTokenLease(params);
    };
    const asked = Promise.withResolvers<void>();
    const slow = createCredentialManager({
      ...managerOptions,
      store: { ...storage, releaseTokenLease },
      fetch: (...request) => {
        asked.resolve();
        return managerOptions.fetch(...request);
      },
    });
    const failure = failureOf(slow.test(id, { signal: controller.signal }));
    await asked.promise;
    controller.abort();

    expect(await failure).toBeInstanceOf(AbortedError);
    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("needs a credential that exists and can be decrypted", async () => {
    const { manager, managerOptions, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    const later = createCredentialManager({ ...managerOptions, encryptor: testEncryptor() });

    expect(await failureOf(manager.test("unknown"))).toBeInstanceOf(ValidationError);
    expect(await failureOf(later.test(id))).toBeInstanceOf(CryptoError);
  });
});

it("does not mistake a failure of the encryptor for a lost key", async () => {
  const { managerOptions, manager, input } = createSimulatedManager();
  const { id } = await manager.create(input);
  const decrypt = async () => Promise.reject(new RangeError("m"));
  const failing = createCredentialManager({
    ...managerOptions,
    encryptor: { ...managerOptions.encryptor, decrypt },
  });

  expect(await failureOf(failing.find(id))).toBeInstanceOf(RangeError);
  expect(await failureOf(failing.update(id, input))).toBeInstanceOf(RangeError);
});

it("shows a credential whose row was moved as unreadable, and still returns the list", async () => {
  const { manager, storage, encryptor, input } = createSimulatedManager();
  await manager.create(input);
  const moved = await storage.findCredential("credential-1");
  if (moved === null) throw new Error("nothing is stored");
  await storage.createCredential({ ...moved, id: "moved", companyId: "other" });

  const { items } = await manager.list({}, { limit: 5 });
  expect(items.map((item) => item.clientSecret)).toEqual([
    `cs1.…${input.clientSecret.slice(-4)}`,
    "[unreadable]",
  ]);
  const opening = encryptor.decrypt(moved.appKey, contextOf({ ...moved, id: "moved" }, "appKey"));
  expect(TitanSyncError.is(await failureOf(opening))).toBe(true);
});
