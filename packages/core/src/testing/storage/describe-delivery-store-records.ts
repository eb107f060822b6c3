import { describe, expect, it } from "vitest";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll, type TenantUnderTest } from "./tenant-under-test.js";

/** What was delivered, to be read again: pages neither repeat nor miss anything. */
export function describeDeliveredRecords(fixture: StorageFixture): void {
  describe("delivered records", () => {
    async function deliver(tenant: TenantUnderTest, ...ids: string[]): Promise<void> {
      const run = await tenant.begin();
      await run.land({ entities: ids.map((id) => entity(id)) });
      await run.settle((await run.claim()).map((key) => upserted(key, 1)));
      await run.end();
    }

    const records = (companyId: string, limit?: number) =>
      readAll((page) => fixture.storage.listRecords({ record: "member", companyId }, page), limit);

    it("orders records by environment, tenant and id, the last two as numbers", async () => {
      const companyId = randomCompanyId();
      const tenants = [
        await fixture.newTenant({ companyId, environment: "production", tenantId: "90" }),
        await fixture.newTenant({ companyId, environment: "integration", tenantId: "100" }),
      ];
      for (const tenant of tenants) await deliver(tenant, "2", "9", "10", "9007199254740993");
      const [production] = tenants;
      await fixture.storage.removeCredential({ id: production?.credential.id ?? "", withData: false });
      const moved = await fixture.newTenant({ companyId, environment: "production", tenantId: "100" });
      await deliver(moved, "1");

      const expected = [
        ...["2", "9", "10", "9007199254740993"].map((id) => ["integration", "100", id]),
        ...["2", "9", "10", "9007199254740993"].map((id) => ["production", "90", id]),
        ["production", "100", "1"],
      ];
      for (const limit of [1, 2, 4, 100]) {
        const listed = await records(companyId, limit);
        expect(listed.map(({ scope, id }) => [scope.environment, scope.tenantId, id])).toEqual(expected);
      }
      const { storage } = fixture;
      const integration = await storage.listRecords(
        { record: "member", companyId, environment: "integration" },
        { limit: 100 },
      );
      expect(integration.items).toHaveLength(4);
      expect(await storage.listRecords({ record: "invoice", companyId }, { limit: 9 })).toEqual({
        items: [],
        next: null,
      });
    });

    it("returns records as they were delivered", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "7");
      const [listed] = await records(tenant.scope.companyId);
      expect(listed?.scope).toEqual(tenant.scope);
      expect(JSON.parse(listed?.record ?? "null")).toEqual({ customer_id: "7", customer_name: "first" });
    });

    it("neither repeats nor misses records when others are added and removed between pages", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "2", "4", "6", "8");
      const { companyId } = tenant.scope;
      const first = await fixture.storage.listRecords({ record: "member", companyId }, { limit: 2 });
      await deliver(tenant, "1", "5");
      const rest = await fixture.storage.listRecords(
        { record: "member", companyId },
        { limit: 9, cursor: first.next },
      );
      expect([...first.items, ...rest.items].map((row) => row.id)).toEqual(["2", "4", "5", "6", "8"]);
      expect(rest.next).toBeNull();
    });

    it("marks the last page as the last, even if the items fill it exactly", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "1", "2");
      const { companyId } = tenant.scope;
      const page = await fixture.storage.listRecords({ record: "member", companyId }, { limit: 2 });
      expect(page.items).toHaveLength(2);
      expect(page.next).toBeNull();
    });

    it("returns the current records of these ids, without removed ones", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1"), entity("2")] });
      const [first, second] = await run.claim();
      if (first === undefined || second === undefined) throw new Error("Two keys were listed.");
      await run.settle([upserted(first, 1, "kept"), { ...second, outcome: "removed", revision: 1 }]);
      const { scope } = tenant;
      const records = await fixture.storage.findCurrentRecords({
        scope,
        record: "member",
        ids: ["1", "2", "3"],
      });
      expect(records).toEqual([{ scope, id: "1", record: expect.stringContaining("kept") }]);
      expect(await fixture.storage.findCurrentRecords({ scope, record: "invoice", ids: ["1"] })).toEqual([]);
    });

    it("lists what was delivered in numeric order, removed records included", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("2"), entity("9"), entity("10")] });
      const [two, nine, ten] = await run.claim();
      if (two === undefined || nine === undefined || ten === undefined) throw new Error("Three were listed.");
      await run.settle([
        upserted(two, 5, "kept"),
        { ...nine, outcome: "removed", revision: 6 },
        upserted(ten, 7, "kept"),
      ]);
      const list = (after: string | null) =>
        fixture.storage.listDeliveredRecords({ scope: tenant.scope, record: "member", after, limit: 2 });
      expect(await list(null)).toEqual([
        { id: "2", contentHash: "record hash of 2 kept", revision: 5, removed: false },
        { id: "9", contentHash: null, revision: 6, removed: true },
      ]);
      expect((await list("9")).map(({ id }) => id)).toEqual(["10"]);
      expect(await list("10")).toEqual([]);
    });

    it("shows nothing of another tenant", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "1");
      const { scope } = await fixture.newTenant();
      const where = { scope, record: "member" } as const;
      expect(await fixture.storage.listDeliveredRecords({ ...where, after: null, limit: 9 })).toEqual([]);
      expect(await fixture.storage.findCurrentRecords({ ...where, ids: ["1"] })).toEqual([]);
    });
  });
}
