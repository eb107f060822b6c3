import { describe, expect, it } from "vitest";
import type { Erasure } from "../../ports/erasure-store.js";
import type { TenantScope } from "../../ports/tenant.js";
import { entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll } from "./tenant-under-test.js";

/** An erased customer is suppressed in its tenant, and in no other. */
export function describeSuppressionStore(fixture: StorageFixture): void {
  describe("the suppression list", () => {
    const suppress = (scope: TenantScope, customer: string, ...rows: readonly string[]) =>
      fixture.storage.eraseCustomer({
        scope,
        decide: async (): Promise<Erasure> => ({
          entities: new Map(),
          rejections: [],
          emptied: [],
          removals: [],
          requeued: [],
          batches: [],
          suppress: { customer, rows: [customer, ...rows] },
        }),
      });
    const rowsOf = (scope: TenantScope, after: string | null = null, limit = 100) =>
      fixture.storage.listSuppressedRows({ scope, after, limit });

    it("contains each row once, in order, and returns the rows in parts", async () => {
      const { scope } = await fixture.newTenant();
      await suppress(scope, "b", "d", "a");
      await suppress(scope, "c", "d");
      await suppress(scope, "b", "e");
      expect(await rowsOf(scope)).toEqual(["a", "b", "c", "d", "e"]);
      expect(await rowsOf(scope, "a", 2)).toEqual(["b", "c"]);
      expect(await rowsOf(scope, "e")).toEqual([]);
    });

    it("belongs to one tenant of one company", async () => {
      const one = await fixture.newTenant();
      const { companyId } = one.scope;
      const other = await fixture.newTenant({ companyId, environment: "integration" });
      const stranger = await fixture.newTenant({ tenantId: one.scope.tenantId });
      await suppress(one.scope, "a");
      await suppress(other.scope, "b");
      expect(await rowsOf(other.scope)).toEqual(["b"]);
      expect(await rowsOf(stranger.scope)).toEqual([]);
      expect(
        await fixture.storage.liftSuppressions({ companyId: stranger.scope.companyId, customer: "a" }),
      ).toBe(0);
      expect(await rowsOf(one.scope)).toEqual(["a"]);
    });

    it("lists customers page by page, and one of them on request", async () => {
      const one = await fixture.newTenant();
      const { companyId } = one.scope;
      const other = await fixture.newTenant({ companyId, environment: "integration", tenantId: "9" });
      await suppress(one.scope, "b", "x");
      await suppress(one.scope, "a");
      await suppress(other.scope, "b");
      const list = await readAll((page) => fixture.storage.listSuppressions({ companyId }, page), 1);
      expect(list.map(({ scope, customer }) => [scope, customer])).toEqual([
        [other.scope, "b"],
        [one.scope, "a"],
        [one.scope, "b"],
      ]);
      expect(list.every(({ suppressedAt }) => suppressedAt > 0)).toBe(true);
      const { items } = await fixture.storage.listSuppressions(
        { companyId, customer: "b", environment: "production" },
        { limit: 9 },
      );
      expect(items).toMatchObject([{ scope: one.scope, customer: "b" }]);
    });

    it("still suppresses a row that belongs to another suppressed customer when one is lifted", async () => {
      const { scope } = await fixture.newTenant();
      const { companyId } = scope;
      await suppress(scope, "a", "shared", "own");
      await suppress(scope, "b", "shared");
      expect(await fixture.storage.liftSuppressions({ companyId, customer: "a" })).toBe(1);
      expect(await fixture.storage.liftSuppressions({ companyId, customer: "a" })).toBe(0);
      expect(await rowsOf(scope)).toEqual(["b", "shared"]);
    });

    it("outlives the credential and its data", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")] });
      await run.end();
      await suppress(tenant.scope, "a");
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      expect(await rowsOf(tenant.scope)).toEqual(["a"]);
    });

    it("has one secret per company, the first one stored", async () => {
      const companyId = randomCompanyId();
      const { storage } = fixture;
      expect(await storage.findSuppressionSecret(companyId)).toBeNull();
      expect(await storage.saveSuppressionSecret({ companyId, secret: "first" })).toBe("first");
      expect(await storage.saveSuppressionSecret({ companyId, secret: "second" })).toBe("first");
      const replace = (expected: string) =>
        storage.replaceSuppressionSecret({ companyId, expected, replacement: "again" });
      expect(await replace("other")).toBe(false);
      expect(await storage.findSuppressionSecret(companyId)).toBe("first");
      expect(await replace("first")).toBe(true);
      const all = await readAll((page) => storage.listSuppressionSecrets(page), 2);
      expect(all).toContainEqual({ companyId, secret: "again" });
      const companies = all.map((one) => one.companyId);
      expect(companies).toEqual([...companies].sort((left, right) => (left < right ? -1 : 1)));
    });

    it("is deleted completely, with its secret, and no other company's list is", async () => {
      const one = await fixture.newTenant();
      const other = await fixture.newTenant();
      for (const { scope } of [one, other]) {
        await fixture.storage.saveSuppressionSecret({ companyId: scope.companyId, secret: "secret" });
        await suppress(scope, "a");
      }
      await fixture.storage.removeSuppressions(one.scope.companyId);
      expect(await rowsOf(one.scope)).toEqual([]);
      expect(await fixture.storage.findSuppressionSecret(one.scope.companyId)).toBeNull();
      expect(await rowsOf(other.scope)).toEqual(["a"]);
      expect(await fixture.storage.findSuppressionSecret(other.scope.companyId)).toBe("secret");
    });
  });
}
