import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { StoredToken } from "../../ports/token-store.js";
import { credentialsOf } from "./credentials-of.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId } from "./tenant-under-test.js";

const token: StoredToken = {
  accessToken: "encrypted-token",
  issuedAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2026, 0, 1, 0, 15),
};

/** Where encrypted tokens live, beside their credentials. */
export function describeTokenStore(fixture: StorageFixture): void {
  describe("tokens", () => {
    const { create, find, update } = credentialsOf(fixture);

    it("stores a token, unless it is that of other values", async () => {
      const { id } = await create();
      expect(await fixture.storage.saveToken({ id, version: 2, token })).toBe(false);
      expect(await fixture.storage.saveToken({ id: randomUUID(), version: 1, token })).toBe(false);
      expect((await find(id)).token).toBeNull();
      expect(await fixture.storage.saveToken({ id, version: 1, token })).toBe(true);
      expect((await find(id)).token).toEqual(token);
    });

    it("drops a token only if it is the one stored", async () => {
      const { id } = await create();
      await fixture.storage.saveToken({ id, version: 1, token });
      await fixture.storage.dropToken({ id, accessToken: "an-older-token" });
      expect((await find(id)).token).toEqual(token);
      await fixture.storage.dropToken({ id, accessToken: token.accessToken });
      expect((await find(id)).token).toBeNull();
      await fixture.storage.dropToken({ id: randomUUID(), accessToken: token.accessToken });
    });

    it("finds credentials whose token expires before a time", async () => {
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

    it("drops the token when its values are replaced", async () => {
      const before = await create({ status: "connected" });
      await fixture.storage.saveToken({ id: before.id, version: 1, token });
      expect(await update(before)).toMatchObject({ version: 2, token: null, status: "pending" });
      expect((await find(before.id)).token).toBeNull();
    });

    it("grants the right to request a token to one owner at a time", async () => {
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

    it("grants no right to request a token for an unknown credential", async () => {
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

    it("replaces no ciphertexts if a token was stored meanwhile, or for an unknown credential", async () => {
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
  });
}
