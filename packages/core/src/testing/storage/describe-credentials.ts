import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConflictError } from "../../errors.js";
import type { NewCredential, StoredCredential } from "../../ports/credential-store.js";
import type { Environment } from "../../ports/tenant.js";
import type { StoredToken } from "../../ports/token-store.js";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll, rejectionOf } from "./tenant-under-test.js";

const token: StoredToken = {
  accessToken: "encrypted-token",
  issuedAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2026, 0, 1, 0, 15),
};

function newCredential(given: Partial<NewCredential> = {}): NewCredential {
  return {
    id: randomUUID(),
    companyId: randomCompanyId(),
    tenantId: "100200300",
    environment: "production",
    clientId: "encrypted-client-id",
    clientSecret: "encrypted-client-secret",
    appKey: "encrypted-app-key",
    status: "pending",
    ...given,
  };
}

/** Where encrypted credentials live. */
export function describeCredentials(fixture: StorageFixture): void {
  describe("credentials", () => {
    const create = (given?: Partial<NewCredential>): Promise<StoredCredential> =>
      fixture.storage.createCredential(newCredential(given));
    const find = async (id: string): Promise<StoredCredential> => {
      const found = await fixture.storage.findCredential(id);
      if (found === null) throw new Error("The credential is not stored.");
      return found;
    };
    const update = (credential: StoredCredential, expectedVersion = credential.version) =>
      fixture.storage.updateCredential({
        id: credential.id,
        expectedVersion,
        tenantId: "400",
        clientId: "other-client-id",
        clientSecret: "other-client-secret",
        appKey: "other-app-key",
      });

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

    it("lets exactly one of many create a company's credential at the same time", async () => {
      const companyId = randomCompanyId();
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => create({ companyId })));
      expect(attempts.filter((attempt) => attempt.status === "fulfilled")).toHaveLength(1);
    });

    it("lists by company and environment, and filters by all that is given", async () => {
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

    it("lists those of several companies, and nothing for none", async () => {
      const [first, second, other] = [await create({}), await create({}), await create({})];
      const companies = async (companyIds: readonly string[]): Promise<readonly string[]> =>
        (await fixture.storage.listCredentials({ companyIds }, { limit: 9 })).items.map((item) => item.id);
      const found = await companies([first.companyId, second.companyId]);
      expect([...found].sort()).toEqual([first.id, second.id].sort());
      expect(await companies([other.companyId, "unknown"])).toEqual([other.id]);
      expect(await companies([])).toEqual([]);
    });

    it("finds those whose token ends before a time", async () => {
      const companyId = randomCompanyId();
      const soon = await create({ companyId, environment: "integration" });
      await create({ companyId, environment: "production" });
      await fixture.storage.saveToken({ id: soon.id, version: 1, token });
      const ids = async (tokenExpiresBefore: number): Promise<readonly string[]> => {
        const page = await fixture.storage.listCredentials({ companyId, tokenExpiresBefore }, { limit: 9 });
        return page.items.map((credential) => credential.id);
      };
      expect(await ids(token.expiresAt + 1)).toEqual([soon.id]);
      expect(await ids(token.expiresAt)).toEqual([]);
    });

    it("replaces the values as the next version, without token, to be tested again", async () => {
      const before = await create({ status: "connected" });
      await fixture.storage.saveToken({ id: before.id, version: 1, token });
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

    it("refuses an update of another version than the one that was read, or of an unknown credential", async () => {
      const credential = await create();
      await update(credential);
      const stored = await find(credential.id);
      await expect(update(credential, 1)).rejects.toBeInstanceOf(ConflictError);
      await expect(update({ ...credential, id: randomUUID() })).rejects.toBeInstanceOf(ConflictError);
      expect(await find(credential.id)).toEqual(stored);
    });

    it("notes the outcome of a connection attempt, unless it is that of other values", async () => {
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

    it("stores a token, unless it is that of other values", async () => {
      const { id } = await create();
      expect(await fixture.storage.saveToken({ id, version: 2, token })).toBe(false);
      expect(await fixture.storage.saveToken({ id: randomUUID(), version: 1, token })).toBe(false);
      expect((await find(id)).token).toBeNull();
      expect(await fixture.storage.saveToken({ id, version: 1, token })).toBe(true);
      expect((await find(id)).token).toEqual(token);
    });

    it("drops a token only if it is the one that is stored", async () => {
      const { id } = await create();
      await fixture.storage.saveToken({ id, version: 1, token });
      await fixture.storage.dropToken({ id, accessToken: "an-older-token" });
      expect((await find(id)).token).toEqual(token);
      await fixture.storage.dropToken({ id, accessToken: token.accessToken });
      expect((await find(id)).token).toBeNull();
      await fixture.storage.dropToken({ id: randomUUID(), accessToken: token.accessToken });
    });

    it("gives the right to request a token to one owner at a time", async () => {
      const { id: credentialId } = await create();
      const acquire = (owner: string, leaseMs = 60_000): Promise<boolean> =>
        fixture.storage.acquireTokenLease({ credentialId, owner, leaseMs });
      const attempts = await Promise.all(["a", "b", "c", "d"].map((owner) => acquire(owner)));
      expect(attempts.filter((taken) => taken)).toHaveLength(1);
      const holder = ["a", "b", "c", "d"][attempts.indexOf(true)] ?? "";
      const other = holder === "a" ? "b" : "a";

      expect(await acquire(holder)).toBe(true);
      await fixture.storage.releaseTokenLease({ credentialId, owner: other });
      expect(await acquire(other)).toBe(false);
      await fixture.storage.releaseTokenLease({ credentialId, owner: holder });
      expect(await acquire(other, 1)).toBe(true);
      await fixture.passTime(20);
      expect(await acquire(holder)).toBe(true);
    });

    it("gives no right to request a token of an unknown credential", async () => {
      const lease = { credentialId: randomUUID(), owner: "a", leaseMs: 60_000 };
      expect(await fixture.storage.acquireTokenLease(lease)).toBe(false);
      await fixture.storage.releaseTokenLease(lease);
    });

    it("ends the right to request a token when the credential changes", async () => {
      const credential = await create();
      const lease = { credentialId: credential.id, leaseMs: 60_000 };
      await fixture.storage.acquireTokenLease({ ...lease, owner: "a" });
      await update(credential);
      expect(await fixture.storage.acquireTokenLease({ ...lease, owner: "b" })).toBe(true);
    });

    it("replaces ciphertexts of the same values without a new version", async () => {
      const credential = await create();
      const { id } = credential;
      await fixture.storage.saveToken({ id, version: 1, token });
      const before = await find(id);
      await fixture.passTime(5);
      const { clientId, clientSecret, appKey } = credential;
      const expected = { clientId, clientSecret, appKey, accessToken: token.accessToken };
      const replacement = { clientId: "1", clientSecret: "2", appKey: "3", accessToken: "4" };
      expect(await fixture.storage.replaceCiphertexts({ id, expected, replacement })).toBe(true);
      expect(await find(id)).toEqual({
        ...before,
        clientId: "1",
        clientSecret: "2",
        appKey: "3",
        token: { ...token, accessToken: "4" },
      });
    });

    it("replaces ciphertexts of a credential without a token", async () => {
      const { id, clientId, clientSecret, appKey } = await create();
      const expected = { clientId, clientSecret, appKey, accessToken: null };
      const replacement = { clientId: "1", clientSecret: "2", appKey: "3", accessToken: null };
      expect(await fixture.storage.replaceCiphertexts({ id, expected, replacement })).toBe(true);
      expect(await find(id)).toMatchObject({ clientId: "1", token: null });
    });

    it.each(["clientId", "clientSecret", "appKey", "accessToken"] as const)(
      "replaces no ciphertexts when the %s has changed since it was read",
      async (field) => {
        const { id, clientId, clientSecret, appKey } = await create();
        await fixture.storage.saveToken({ id, version: 1, token });
        const before = await find(id);
        const replaced = await fixture.storage.replaceCiphertexts({
          id,
          expected: { clientId, clientSecret, appKey, accessToken: token.accessToken, [field]: "older" },
          replacement: { clientId: "1", clientSecret: "2", appKey: "3", accessToken: "4" },
        });
        expect(replaced).toBe(false);
        expect(await find(id)).toEqual(before);
      },
    );

    it("replaces no ciphertexts when a token came meanwhile, nor of an unknown credential", async () => {
      const { id, clientId, clientSecret, appKey } = await create();
      await fixture.storage.saveToken({ id, version: 1, token });
      const expected = { clientId, clientSecret, appKey, accessToken: null };
      const replacement = { clientId: "1", clientSecret: "2", appKey: "3", accessToken: null };
      const replace = (of: string): Promise<boolean> =>
        fixture.storage.replaceCiphertexts({ id: of, expected, replacement });
      expect(await replace(id)).toBe(false);
      expect(await replace(randomUUID())).toBe(false);
      expect((await find(id)).token).toEqual(token);
    });

    it("frees company, environment and id of a removed credential, and answers whether there was one", async () => {
      const credential = await create();
      const params = { id: credential.id, withData: false };
      expect(await fixture.storage.removeCredential(params)).toBe(true);
      expect(await fixture.storage.removeCredential(params)).toBe(false);
      expect(await fixture.storage.findCredential(credential.id)).toBeNull();
      const { companyId, id } = credential;
      expect(await create({ companyId, id })).toMatchObject({ version: 1, token: null });
    });

    it("refuses to remove a credential while its run is alive", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const removing = fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      await expect(removing).rejects.toMatchObject({ code: "CONFLICT", runId: run.run.id });
      expect(await find(tenant.credential.id)).toEqual(tenant.credential);
      await fixture.expireLease(run.lease);
      expect(await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false })).toBe(
        true,
      );
    });

    async function withData() {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({
        entities: [entity("1"), entity("2")],
        rejections: [rejectionOf("3", { stage: "structure" })],
      });
      const [key] = await run.claim({ limit: 1 });
      await run.settle(key === undefined ? [] : [upserted(key, 4)]);
      await run.stage("batch");
      await run.end();
      return { tenant, run };
    }

    it("leaves a tenant's data to a later credential of the same tenant", async () => {
      const { tenant, run } = await withData();
      const { companyId, environment, tenantId } = tenant.scope;
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "completed" });

      const next = await fixture.newTenant({ companyId, environment, tenantId });
      expect(await fixture.storage.hasLandedData(next.scope)).toBe(true);
      expect(
        await fixture.storage.findDeliveredRecords({ scope: next.scope, record: "member", ids: ["1"] }),
      ).toMatchObject([{ revision: 4 }]);
      expect(await fixture.storage.listStagedBatches(next.scope)).toHaveLength(1);
      const heir = await next.begin();
      expect(heir.resumed).toBe(false);
      expect(await heir.claimIds()).toEqual(["2"]);
    });

    it("removes everything of a tenant with its credential when asked to, and nothing of others", async () => {
      const { tenant, run } = await withData();
      const other = await withData();
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });

      const { storage } = fixture;
      const traces = async ({ scope }: { scope: typeof tenant.scope }, runId: string) => ({
        landed: await storage.hasLandedData(scope),
        entities: await storage.findEntities({ scope, feed: "customers", ids: ["1", "2"] }),
        delivered: await storage.findDeliveredRecords({ scope, record: "member", ids: ["1"] }),
        batches: await storage.listStagedBatches(scope),
        run: await storage.findRun(runId),
        rejections: (await storage.listRejections({ companyId: scope.companyId }, { limit: 9 })).items,
        records: (await storage.listRecords({ record: "member", companyId: scope.companyId }, { limit: 9 }))
          .items,
      });
      expect(await traces(tenant, run.run.id)).toEqual({
        landed: false,
        entities: [],
        delivered: [],
        batches: [],
        run: null,
        rejections: [],
        records: [],
      });
      const kept = await traces(other.tenant, other.run.run.id);
      expect(kept).toMatchObject({ landed: true, delivered: [{ revision: 4 }] });
      expect([kept.entities, kept.batches, kept.rejections, kept.records].map((rows) => rows.length)).toEqual(
        [2, 1, 1, 1],
      );

      const next = await fixture.newTenant({ ...tenant.scope });
      const fresh = await next.begin();
      expect(await fresh.claim()).toEqual([]);
      expect(await storage.findCursors(next.scope)).toEqual(new Map());
    });

    it("removes a run that would have been continued together with the data", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")], markSeen: true });
      await run.end("paused");
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      expect(await fixture.storage.findRun(run.run.id)).toBeNull();
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();
      await expect(run.heartbeat()).rejects.toMatchObject({ code: "LEASE_LOST" });
    });

    it("ends a run that nobody can continue without its credential, and forgets what it had seen", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: [entity("1"), entity("2")] });
      await first.end();
      const run = await tenant.begin({ mode: "full" });
      await run.land({ entities: [entity("1")], markSeen: true });
      await run.end("paused");
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "cancelled", error: null });
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();
      const next = await fixture.newTenant({ ...tenant.scope });
      const again = await next.begin({ mode: "full" });
      expect(again.resumed).toBe(false);
      expect(await again.enlist({ seenOnly: true })).toBeNull();
    });

    it("keeps the two environments of a company apart", async () => {
      const companyId = randomCompanyId();
      const environments: readonly Environment[] = ["integration", "production"];
      for (const environment of environments) {
        const tenant = await fixture.newTenant({ companyId, environment });
        await (await tenant.begin()).land({ entities: [entity("1", environment)] });
        const found = await fixture.storage.findEntities({
          scope: tenant.scope,
          feed: "customers",
          ids: ["1"],
        });
        expect(found[0]?.payload).toContain(environment);
      }
    });
  });
}
