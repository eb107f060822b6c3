import { describe, expect, it } from "vitest";
import { entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";

/** What entities weigh is known without loading them. */
export function describeEntitySizes(fixture: StorageFixture): void {
  describe("the sizes of entities", () => {
    it("are those of their payloads in bytes, with what they refer to, removed ones included", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const plain = entity("2", "x".repeat(5000), { links: { customer: "7", job: null } });
      const accented = entity("10", "żółw", { links: { customer: null, job: "8" } });
      await run.land({ entities: [plain, accented, entity("11")] });
      await run.land({ entities: [plain, accented], markSeen: true });
      await run.sweep();
      const sizes = await fixture.storage.findEntitySizes({
        scope: tenant.scope,
        feed: "customers",
        ids: ["2", "3", "10", "11"],
      });
      expect(
        sizes.map(({ id, bytes, links }) => [id, bytes, links["customer"] ?? null, links["job"] ?? null]),
      ).toEqual([
        ["2", Buffer.byteLength(plain.payload), "7", null],
        ["10", Buffer.byteLength(accented.payload), null, "8"],
        ["11", Buffer.byteLength(entity("11").payload), null, null],
      ]);
    });

    it("follow a later landing", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1", "short", { modifiedOn: null })] });
      const longer = entity("1", "much longer than before");
      await run.land({ entities: [longer] });
      const [size] = await fixture.storage.findEntitySizes({
        scope: tenant.scope,
        feed: "customers",
        ids: ["1"],
      });
      expect(size?.bytes).toBe(Buffer.byteLength(longer.payload));
    });

    it("are found by a link, without removed entities", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const rows = [
        entity("1", "a", { links: { customer: "7" } }),
        entity("2", "bb", { links: { customer: "7" } }),
        entity("3", "ccc", { links: { customer: "8" } }),
        entity("4", "dddd", { links: { customer: "9" } }),
      ];
      await run.land({ entities: rows });
      await run.land({ entities: rows.slice(1), markSeen: true });
      await run.sweep();
      const sizes = await fixture.storage.findEntitySizesByLink({
        scope: tenant.scope,
        feed: "customers",
        link: "customer",
        ids: ["7", "8"],
      });
      expect(sizes.map(({ id, bytes, links }) => [id, bytes, links["customer"]])).toEqual([
        ["2", Buffer.byteLength(rows[1]?.payload ?? ""), "7"],
        ["3", Buffer.byteLength(rows[2]?.payload ?? ""), "8"],
      ]);
    });

    it("of another tenant are not told", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1", "a", { links: { customer: "7" } })] });
      const { scope } = await fixture.newTenant();
      const where = { scope, feed: "customers" };
      expect(await fixture.storage.findEntitySizes({ ...where, ids: ["1"] })).toEqual([]);
      expect(await fixture.storage.findEntitySizesByLink({ ...where, link: "customer", ids: ["7"] })).toEqual(
        [],
      );
    });
  });
}
