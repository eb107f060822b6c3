import { describe, expect, it } from "vitest";
import { ValidationError } from "../../errors.js";
import type { Page, PageRequest } from "../../ports/page.js";
import type { Storage } from "../../ports/storage.js";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll, type TenantUnderTest } from "./tenant-under-test.js";

type List = (storage: Storage, page: PageRequest) => Promise<Page<unknown>>;

const lists: Readonly<Record<string, List>> = {
  runs: (storage, page) => storage.listRuns({}, page),
  rejections: (storage, page) => storage.listRejections({}, page),
  records: (storage, page) => storage.listRecords({ record: "member" }, page),
  credentials: (storage, page) => storage.listCredentials({}, page),
  audit: (storage, page) => storage.listAudit({}, page),
};

/** Lists of current records, and pages that neither repeat nor miss anything. */
export function describeLists(fixture: StorageFixture): void {
  describe("lists", () => {
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

    it("gives records as they were delivered", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "7");
      const [listed] = await records(tenant.scope.companyId);
      expect(listed?.scope).toEqual(tenant.scope);
      expect(JSON.parse(listed?.record ?? "null")).toEqual({ customer_id: "7", customer_name: "first" });
    });

    it("neither repeats nor misses records when others come and go between pages", async () => {
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

    it("ends with a page that says so, also when the items fill it exactly", async () => {
      const tenant = await fixture.newTenant();
      await deliver(tenant, "1", "2");
      const { companyId } = tenant.scope;
      const page = await fixture.storage.listRecords({ record: "member", companyId }, { limit: 2 });
      expect(page.items).toHaveLength(2);
      expect(page.next).toBeNull();
    });

    it.each(Object.keys(lists))("refuses a cursor of the %s that it did not give", async (name) => {
      for (const cursor of ["nonsense", "e30", "WzEsMl0", "💧"]) {
        const listing = lists[name]?.(fixture.storage, { limit: 5, cursor });
        await expect(listing, `cursor ${cursor}`).rejects.toBeInstanceOf(ValidationError);
      }
    });
  });
}
