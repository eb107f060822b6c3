import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConflictError } from "../../errors.js";
import { credentialsOf, newCredential } from "./credentials-of.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll } from "./tenant-under-test.js";

/** Where encrypted credentials live. */
export function describeCredentialStore(fixture: StorageFixture): void {
  describe("credentials", () => {
    const { create, find, update } = credentialsOf(fixture);

    it("stores a credential as version 1 and finds it by id", async () => {
      const added = newCredential({ status: "connected" });
      const stored = await fixture.storage.createCredential(added);
      expect(stored).toEqual({
        ...added,
        version: 1,
        token: null,
        lastConnectionAttemptAt: null,
        lastSyncAt: null,
        createdAt: stored.createdAt,
        updatedAt: stored.createdAt,
      });
      expect(await find(added.id)).toEqual(stored);
      expect(await fixture.storage.findCredential(randomUUID())).toBeNull();
    });

    it("keeps one credential for each company and environment", async () => {
      const first = await create();
      await create({ companyId: first.companyId, environment: "integration" });
      await expect(create({ companyId: first.companyId })).rejects.toBeInstanceOf(ConflictError);
      await expect(create({ id: first.id })).rejects.toBeInstanceOf(ConflictError);
      expect(await find(first.id)).toEqual(first);
    });

    it("lets exactly one of many simultaneous callers create a company's credential", async () => {
      const companyId = randomCompanyId();
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => create({ companyId })));
      expect(attempts.filter((attempt) => attempt.status === "fulfilled")).toHaveLength(1);
    });

    it("lists by company and environment, and applies every filter given", async () => {
      const companyId = randomCompanyId();
      const integration = await create({ companyId, environment: "integration", status: "error" });
      const production = await create({ companyId });
      const ids = (filter: Parameters<typeof fixture.storage.listCredentials>[0]) =>
        readAll((page) => fixture.storage.listCredentials(filter, page), 1).then((found) =>
          found.map((credential) => credential.id),
        );
      expect(await ids({ companyId })).toEqual([integration.id, production.id]);
      expect(await ids({ companyId, environment: "production" })).toEqual([production.id]);
      expect(await ids({ companyId, status: "error" })).toEqual([integration.id]);
      expect(await ids({ companyId, status: "error", environment: "production" })).toEqual([]);
    });

    it("lists those of several companies, and nothing for an empty list", async () => {
      const [first, second, other] = [await create({}), await create({}), await create({})];
      const companies = async (companyIds: readonly string[]): Promise<readonly string[]> =>
        (await fixture.storage.listCredentials({ companyIds }, { limit: 9 })).items.map((item) => item.id);
      const found = await companies([first.companyId, second.companyId]);
      expect([...found].sort()).toEqual([first.id, second.id].sort());
      expect(await companies([other.companyId, "unknown"])).toEqual([other.id]);
      expect(await companies([])).toEqual([]);
    });

    it("replaces the values as the next version, which has to be tested again", async () => {
      const before = await create({ status: "connected" });
      await fixture.passTime(5);
      const after = await update(before);
      expect(after).toMatchObject({
        id: before.id,
        companyId: before.companyId,
        environment: before.environment,
        tenantId: "400",
        version: 2,
        clientId: "other-client-id",
        clientSecret: "other-client-secret",
        appKey: "other-app-key",
        token: null,
        status: "pending",
        createdAt: before.createdAt,
      });
      expect(after.updatedAt).toBeGreaterThan(before.updatedAt);
      expect(await find(before.id)).toEqual(after);
    });

    it("refuses an update of a version other than the one that was read, or of an unknown credential", async () => {
      const credential = await create();
      await update(credential);
      const stored = await find(credential.id);
      await expect(update(credential, 1)).rejects.toBeInstanceOf(ConflictError);
      await expect(update({ ...credential, id: randomUUID() })).rejects.toBeInstanceOf(ConflictError);
      expect(await find(credential.id)).toEqual(stored);
    });

    it("stores the outcome of a connection attempt, unless it is that of other values", async () => {
      const credential = await create();
      const { id } = credential;
      await fixture.storage.setConnectionStatus({ id, version: 2, status: "error" });
      expect(await find(id)).toEqual(credential);
      await fixture.storage.setConnectionStatus({ id, version: 1, status: "connected" });
      const stored = await find(id);
      expect(stored.status).toBe("connected");
      expect(stored.lastConnectionAttemptAt).toBeGreaterThanOrEqual(stored.createdAt);
      await fixture.storage.setConnectionStatus({ id: randomUUID(), version: 1, status: "error" });
    });

    it("replaces ciphertexts of a credential without a token", async () => {
      const { id, clientId, clientSecret, appKey } = await create();
      const expected = { clientId, clientSecret, appKey, accessToken: null };
      const replacement = { clientId: "1", clientSecret: "2", appKey: "3", accessToken: null };
      expect(await fixture.storage.replaceCiphertexts({ id, expected, replacement })).toBe(true);
      expect(await find(id)).toMatchObject({ clientId: "1", token: null });
    });

    it("frees company, environment and id of a removed credential, and returns whether there was one", async () => {
      const credential = await create();
      const params = { id: credential.id, withData: false };
      expect(await fixture.storage.removeCredential(params)).toBe(true);
      expect(await fixture.storage.removeCredential(params)).toBe(false);
      expect(await fixture.storage.findCredential(credential.id)).toBeNull();
      const { companyId, id } = credential;
      expect(await create({ companyId, id })).toMatchObject({ version: 1, token: null });
    });
  });
}
