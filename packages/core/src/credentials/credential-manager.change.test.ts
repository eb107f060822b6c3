import { describe, expect, it } from "vitest";
import { failureOf } from "../__fixtures__/failure-of.js";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { testEncryptor } from "../__fixtures__/stored-credential.js";
import { syncOnce } from "../__fixtures__/sync-once.js";
import { ConflictError, CryptoError, InvalidCredentialsError, ValidationError } from "../errors.js";
import { createCredentialManager } from "./credential-manager.js";
import { openCredential } from "./open-credential.js";

const otherSecret = "cs1.kanari-another-secret-altogether";

describe("create", () => {
  it("stores values that can be decrypted, and shows them masked", async () => {
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
      warnings: ["Whitespace around the app key was removed."],
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

  it("refuses a second credential for the same company and environment", async () => {
    const { manager, input } = createSimulatedManager();
    await manager.create(input);

    expect(await failureOf(manager.create(input))).toBeInstanceOf(ConflictError);
    await expect(manager.create({ ...input, companyId: "other" })).resolves.toMatchObject({ version: 1 });
  });

  it("stores a tested credential as connected, with the token from the test", async () => {
    const { manager, simulator, input, clock } = createSimulatedManager();
    const summary = await manager.create(input, { test: true });

    expect(summary).toMatchObject({
      status: "connected",
      tokenExpiresAt: clock.now() + 900_000,
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
  it("changes a secret, and resets token and status", async () => {
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

  it("keeps token and status when no value changes", async () => {
    const { manager, input } = createSimulatedManager();
    const created = await manager.create(input, { test: true });
    const { warnings, ...updated } = await manager.update(created.id, { appKey: input.appKey });

    expect({ ...updated, warnings }).toEqual({ ...created, warnings: [] });
  });

  it("tests new values before storing them", async () => {
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

  it("changes the tenant id only if no data of the tenant has landed", async () => {
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

  it("repairs a credential under a lost key when all its secrets are given", async () => {
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
