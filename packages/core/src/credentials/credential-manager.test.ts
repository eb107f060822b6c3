import { describe, expect, it } from "vitest";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { testEncryptor, transparentEncryptor } from "../__fixtures__/stored-credential.js";
import {
  ConflictError,
  CryptoError,
  InvalidCredentialsError,
  StorageError,
  TitanSyncError,
  ValidationError,
} from "../errors.js";
import { defaultRequest } from "../testing/storage/samples.js";
import { createCredentialManager } from "./credential-manager.js";
import { contextOf, openCredential } from "./open-credential.js";

const otherSecret = "cs1.kanari-another-secret-altogether";

/** Takes and gives back the lease of a run, as a sync does. */
async function syncOnce({ storage }: ReturnType<typeof createSimulatedManager>, id: string, land = false) {
  const stored = await storage.findCredential(id);
  if (stored === null) throw new Error("no credential");
  const { companyId, environment, tenantId } = stored;
  const scope = { companyId, environment, tenantId };
  const begun = await storage.begin({
    credentialId: id,
    scope,
    type: "manual",
    request: defaultRequest,
    runId: "run-1",
    leaseMs: 30_000,
  });
  if (land) {
    await storage.land({
      lease: begun.lease,
      scope,
      feed: "customers",
      source: "export",
      entities: [{ id: "1", payload: "{}", contentHash: "h", modifiedOn: null, links: [] }],
      rejections: [],
      touches: [],
      repeated: 0,
      cursor: null,
      endsPage: true,
      noteSeen: false,
    });
  }
  const end = () => storage.end({ lease: begun.lease, status: "completed", warnings: [], error: null });
  return { scope, end };
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("create", () => {
  it("stores what opens again, and shows it masked", async () => {
    const { manager, storage, encryptor, input } = createSimulatedManager();
    const summary = await manager.create({ ...input, appKey: ` ${input.appKey}` });

    expect(summary).toMatchObject({
      id: "credential-1",
      companyId: "acme",
      tenantId: input.tenantId,
      clientId: `cid.…${input.clientId.slice(-4)}`,
      clientSecret: `cs1.…${input.clientSecret.slice(-4)}`,
      version: 1,
      status: "pending",
      tokenExpiresAt: null,
      lastSyncAt: null,
      warnings: ["White space around the app key was removed."],
    });
    const stored = await storage.findCredential(summary.id);
    if (stored === null) throw new Error("nothing is stored");
    const opened = await openCredential(stored, encryptor);
    expect([opened.clientId, opened.clientSecret, opened.appKey].map((secret) => secret.reveal())).toEqual([
      input.clientId,
      input.clientSecret,
      input.appKey,
    ]);
  });

  it("refuses unusable values before anything is stored", async () => {
    const { manager, storage, input } = createSimulatedManager();

    expect(await failureOf(manager.create({ ...input, tenantId: "x" }))).toBeInstanceOf(ValidationError);
    expect((await storage.listCredentials({}, { limit: 5 })).items).toEqual([]);
  });

  it("refuses a second one for the same company and environment", async () => {
    const { manager, input } = createSimulatedManager();
    await manager.create(input);

    expect(await failureOf(manager.create(input))).toBeInstanceOf(ConflictError);
    await expect(manager.create({ ...input, companyId: "other" })).resolves.toMatchObject({ version: 1 });
  });

  it("stores a tested one as connected, with the token that the test has got", async () => {
    const { manager, simulator, input, clock } = createSimulatedManager();
    const summary = await manager.create(input, { test: true });

    expect(summary).toMatchObject({
      status: "connected",
      tokenExpiresAt: new Date(clock.now() + 900_000).toISOString(),
    });
    expect(summary.lastConnectionAttemptAt).not.toBeNull();
    expect(simulator.counters()).toMatchObject({ tokenRequests: 1 });
  });

  it("stores nothing that ServiceTitan refuses", async () => {
    const { manager, storage, input } = createSimulatedManager();
    const error = await failureOf(manager.create({ ...input, clientSecret: otherSecret }, { test: true }));

    expect(error).toBeInstanceOf(InvalidCredentialsError);
    expect((await storage.listCredentials({}, { limit: 5 })).items).toEqual([]);
  });

  it("warns about a scope that is missing", async () => {
    const { manager, input } = createSimulatedManager({
      tenants: [{ customers: 1, scopes: ["tn.crm.customers:r"] }],
    });
    const { warnings } = await manager.create(input, { test: true });

    expect(warnings).toContain("The scope tn.dis.zones:r is not granted.");
  });
});

describe("update", () => {
  it("changes a secret, and starts token and status anew", async () => {
    const { manager, storage, encryptor, input } = createSimulatedManager();
    const { id } = await manager.create(input, { test: true });
    const updated = await manager.update(id, { clientSecret: otherSecret });

    expect(updated).toMatchObject({ version: 2, status: "pending", tokenExpiresAt: null });
    const stored = await storage.findCredential(id);
    if (stored === null) throw new Error("nothing is stored");
    const opened = await openCredential(stored, encryptor);
    expect(opened.clientSecret.reveal()).toBe(otherSecret);
    expect(opened.appKey.reveal()).toBe(input.appKey);
  });

  it("keeps token and status when nothing is different", async () => {
    const { manager, input } = createSimulatedManager();
    const created = await manager.create(input, { test: true });
    const { warnings, ...updated } = await manager.update(created.id, { appKey: input.appKey });

    expect({ ...updated, warnings }).toEqual({ ...created, warnings: [] });
  });

  it("tests new values before it stores them", async () => {
    const { manager, input } = createSimulatedManager();
    const { id } = await manager.create({ ...input, clientSecret: otherSecret });
    const wrong = manager.update(id, { appKey: "ak1.another-app-key" }, { test: true });
    expect(await failureOf(wrong)).toBeInstanceOf(InvalidCredentialsError);
    expect(await manager.find(id)).toMatchObject({ version: 1 });

    const right = await manager.update(id, { clientSecret: input.clientSecret }, { test: true });
    expect(right).toMatchObject({ version: 2, status: "connected" });
    expect(right.tokenExpiresAt).not.toBeNull();
  });

  it("refuses when the credential was changed since it was read", async () => {
    const { manager, managerOptions, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    await manager.update(id, { clientSecret: otherSecret });
    expect(await failureOf(manager.update(id, { appKey: "ak1.x" }, { expectedVersion: 1 }))).toBeInstanceOf(
      ConflictError,
    );

    const slow = createCredentialManager({
      ...managerOptions,
      store: {
        ...managerOptions.store,
        findCredential: async (wanted) => {
          const read = await managerOptions.store.findCredential(wanted);
          if (read?.version === 2) await manager.update(id, { appKey: "ak1.changed-meanwhile" });
          return read;
        },
      },
    });
    expect(await failureOf(slow.update(id, { appKey: "ak1.too-late" }))).toBeInstanceOf(ConflictError);
    expect(await manager.find(id)).toMatchObject({ version: 3 });
  });

  it("changes the tenant id only while no data of the tenant has landed", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await expect(test.manager.update(id, { tenantId: "77" })).resolves.toMatchObject({ tenantId: "77" });

    await (await syncOnce(test, id, true)).end();
    const error = await failureOf(test.manager.update(id, { tenantId: "78" }));
    expect(error).toBeInstanceOf(ConflictError);
    await expect(test.manager.update(id, { tenantId: "77", appKey: "ak1.new" })).resolves.toMatchObject({
      tenantId: "77",
    });
  });

  it("checks values as create does", async () => {
    const { manager, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    const error = await failureOf(manager.update(id, { tenantId: "x", appKey: "" }));

    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      issues: [expect.stringMatching(/^appKey/), expect.stringMatching(/^tenantId/)],
    });
    expect(await failureOf(manager.update("unknown", {}))).toBeInstanceOf(ValidationError);
  });

  it("mends a credential under a lost key when all its secrets are given", async () => {
    const { manager, managerOptions, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    const later = createCredentialManager({ ...managerOptions, encryptor: testEncryptor() });

    expect(await later.find(id)).toMatchObject({ clientSecret: "[unreadable]" });
    expect(await failureOf(later.update(id, { clientSecret: otherSecret }))).toBeInstanceOf(CryptoError);
    const { clientId, clientSecret, appKey } = input;
    const mended = await later.update(id, { clientId, clientSecret, appKey });
    expect(mended.clientSecret).toBe(`cs1.…${clientSecret.slice(-4)}`);
  });
});

describe("remove", () => {
  it("removes a credential that was not used", async () => {
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
    expect(error).toMatchObject({ hint: expect.stringContaining("by force") });

    expect(await test.manager.remove(id, { force: true })).toBe(true);
  });

  it("needs no force a day later", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await (await syncOnce(test, id)).end();
    await test.clock.advance(24 * 3_600_000);

    expect(await test.manager.remove(id)).toBe(true);
  });

  it("refuses while a run is alive, force or not", async () => {
    const test = createSimulatedManager();
    const { id } = await test.manager.create(test.input);
    await syncOnce(test, id);

    expect(await failureOf(test.manager.remove(id, { force: true }))).toMatchObject({
      code: "CONFLICT",
      runId: "run-1",
    });
  });

  it("leaves the data, unless asked to remove it", async () => {
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
  it("find by id and by what it is for", async () => {
    const { manager, input } = createSimulatedManager();
    const { id } = await manager.create(input);

    expect(await manager.find(id)).toMatchObject({ id });
    expect(await manager.find("unknown")).toBeNull();
    expect(await manager.findFor("acme", input.environment)).toMatchObject({ id });
    expect(await manager.findFor("acme", "integration")).toBeNull();
    expect(await manager.findFor("other", input.environment)).toBeNull();
  });

  it("list in pages, by status and by the end of the token", async () => {
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
  it("notes the outcome on the credential and keeps the token", async () => {
    const { manager, input, clock } = createSimulatedManager();
    const { id } = await manager.create(input);

    expect(await manager.test(id)).toMatchObject({ ok: true });
    expect(await manager.find(id)).toMatchObject({
      status: "connected",
      lastConnectionAttemptAt: new Date(clock.now()).toISOString(),
      tokenExpiresAt: new Date(clock.now() + 900_000).toISOString(),
    });
  });

  it("marks a credential that is refused, and makes it usable again", async () => {
    const { manager, simulator, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    simulator.faults.inject({ effect: { kind: "status", status: 401 }, endpoint: "token", nth: 1 });

    expect(await manager.test(id)).toMatchObject({ ok: false });
    expect(await manager.find(id)).toMatchObject({ status: "error" });
    expect(await manager.test(id)).toMatchObject({ ok: true });
    expect(await manager.find(id)).toMatchObject({ status: "connected" });
  });

  it("leaves the status alone after a failure that may pass", async () => {
    const { manager, simulator, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    simulator.faults.inject({ effect: { kind: "status", status: 503 } });

    expect(await manager.test(id)).toMatchObject({ ok: false });
    expect(await manager.find(id)).toMatchObject({ status: "pending" });
  });

  it("does not wait for long on another process that requests a token", async () => {
    const { manager, storage, input, clock } = createSimulatedManager({ encryptor: transparentEncryptor() });
    const { id } = await manager.create(input);
    await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 60_000 });
    const testing = manager.test(id);
    await clock.advance(2000);

    expect(await testing).toMatchObject({ ok: true });
  });

  it("gives the lease back", async () => {
    const { manager, storage, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    await manager.test(id);

    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("needs a credential that exists and opens", async () => {
    const { manager, managerOptions, input } = createSimulatedManager();
    const { id } = await manager.create(input);
    const later = createCredentialManager({ ...managerOptions, encryptor: testEncryptor() });

    expect(await failureOf(manager.test("unknown"))).toBeInstanceOf(ValidationError);
    expect(await failureOf(later.test(id))).toBeInstanceOf(CryptoError);
  });
});

describe("the audit log", () => {
  it("notes every change with actor, request and masked values", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    const by = { actor: "ada", requestId: "request-1" };
    const { id } = await manager.create(input, by);
    await manager.update(id, { clientSecret: otherSecret, tenantId: "77" }, by);
    await manager.remove(id, by);

    const shared = { ...by, subject: id, companyId: "acme", outcome: "success" };
    expect((await auditTrail()).filter(({ action }) => action.startsWith("credential:"))).toMatchObject([
      {
        ...shared,
        action: "credential:create",
        details: { clientSecret: `cs1.…${input.clientSecret.slice(-4)}`, tested: false },
      },
      {
        ...shared,
        action: "credential:update",
        details: { clientSecret: "cs1.…ther", tenantId: "77", changed: ["clientSecret", "tenantId"] },
      },
      { ...shared, action: "credential:remove", details: { withData: false, forced: false } },
    ]);
  });

  it("notes each use of a secret: who, which credential, which fields, what for", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    const { id } = await manager.create(input, { actor: "ada" });
    await manager.update(id, { appKey: "ak1.another-app-key-altogether" }, { actor: "bob" });
    await manager.test(id, { actor: "eve" });
    await manager.list({}, { limit: 5 });

    const fields = ["clientId", "clientSecret", "appKey"];
    expect((await auditTrail()).filter(({ action }) => action.startsWith("secret:"))).toMatchObject([
      {
        actor: "ada",
        action: "secret:encrypt",
        subject: id,
        details: { fields, purpose: "create", version: 1 },
      },
      {
        actor: "bob",
        action: "secret:encrypt",
        subject: id,
        details: { fields, purpose: "update", version: 2 },
      },
      {
        actor: "eve",
        action: "secret:decrypt",
        subject: id,
        details: { fields, purpose: "test", version: 2 },
      },
    ]);
  });

  it("notes a change that was refused, and why", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    await manager.create(input);
    await failureOf(manager.create(input, { actor: "ada" }));

    expect((await auditTrail()).at(-1)).toMatchObject({
      actor: "ada",
      action: "credential:create",
      outcome: "failure",
      details: { code: "CONFLICT" },
    });
  });

  it("notes tests of stored and of other values", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    await manager.testValues({ ...input, clientSecret: otherSecret });
    const { id } = await manager.create(input);
    await manager.test(id);

    expect(
      (await auditTrail())
        .filter(({ action }) => action === "connection:test" || action === "token:request")
        .map(({ action, subject, outcome, details }) => [action, subject, outcome, details["code"]]),
    ).toEqual([
      ["token:request", "acme", "failure", "AUTH_INVALID_CREDENTIALS"],
      ["connection:test", "acme", "failure", "AUTH_INVALID_CREDENTIALS"],
      ["token:request", id, "success", null],
      ["connection:test", id, "success", null],
    ]);
  });

  it("stops nothing when it fails", async () => {
    const { managerOptions, logger, input } = createSimulatedManager();
    const appendAudit = async () => Promise.reject(new StorageError("m"));
    const manager = createCredentialManager({
      ...managerOptions,
      store: { ...managerOptions.store, appendAudit },
    });

    await expect(manager.create(input)).resolves.toMatchObject({ version: 1 });
    expect(logger.lines.map((line) => line.message)).toContain("the audit log did not take an entry");
  });
});

it("does not take a failure of the encryptor for a lost key", async () => {
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

it("shows a credential whose row was moved as unreadable, and does not fail the list", async () => {
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
