import { describe, expect, it } from "vitest";
import { contentOf, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";

/** What was landed: listed, counted and weighed without loading it. */
export function describeEntityStore(fixture: StorageFixture): void {
  describe("landed entities", () => {
    it("returns landed ids above an id in numeric order, including removed ones", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("2"), entity("9"), entity("10"), entity("11")] });
      await run.land({ entities: [entity("2"), entity("10"), entity("11")], markSeen: true });
      await run.sweep();
      const ids = (after: string | null, limit: number) =>
        fixture.storage.listEntityIds({ scope: tenant.scope, feed: "customers", after, limit });
      expect(await ids(null, 3)).toEqual([
        { id: "2", removed: false },
        { id: "9", removed: true },
        { id: "10", removed: false },
      ]);
      expect(await ids("10", 3)).toEqual([{ id: "11", removed: false }]);
      expect(await ids("11", 3)).toEqual([]);
    });

    it("counts landed entities step by step, live and removed ones apart", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const rows = [entity("2"), entity("9"), entity("10")];
      await run.land({ entities: rows });
      await run.land({ entities: [entity("2"), entity("10")], markSeen: true });
      await run.sweep();
      const count = (after: string | null, since = 0) =>
        fixture.storage.countEntities({ scope: tenant.scope, feed: "customers", after, limit: 2, since });
      expect(await count(null)).toEqual({ live: 1, removed: 1, landedSince: 2, last: "9" });
      expect(await count("9")).toEqual({ live: 1, removed: 0, landedSince: 1, last: "10" });
      expect(await count("10")).toEqual({ live: 0, removed: 0, landedSince: 0, last: null });
      expect(await count(null, run.run.startedAt)).toMatchObject({ landedSince: 2 });
      expect(await count(null, run.run.startedAt + 3_600_000)).toMatchObject({ landedSince: 0 });
    });

    it("are found by id and by link, each once, removed ones by id only", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const rows = [
        entity("2", "kept", { links: { job: "7" } }),
        entity("10", "gone", { links: { job: "7" } }),
      ];
      await run.land({ entities: rows });
      await run.land({ entities: rows.slice(0, 1), markSeen: true });
      await run.sweep();
      const { storage, scope } = tenant;
      const where = { scope, feed: "customers" };
      const byId = await storage.findEntities({ ...where, ids: ["10", "2", "3", "2"] });
      expect(byId.map(({ id, removed }) => [id, removed]).sort()).toEqual([
        ["10", true],
        ["2", false],
      ]);
      const byLink = await storage.findEntitiesByLink({ ...where, link: "job", ids: ["7", "8", "7"] });
      expect(byLink.map((row) => [row.id, contentOf(row)])).toEqual([["2", "kept"]]);
    });

    it("knows whether anything has ever landed", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const { storage, scope } = tenant;
      expect(await storage.hasLandedData(scope)).toBe(false);
      await run.land({ entities: [entity("1")] });
      expect(await storage.hasLandedData(scope)).toBe(true);
    });

    it("shows nothing of another tenant", async () => {
      const tenant = await fixture.newTenant();
      await (await tenant.begin()).land({ entities: [entity("1")] });
      const { scope } = await fixture.newTenant();
      const where = { scope, feed: "customers", after: null, limit: 9 };
      expect(await fixture.storage.listEntityIds(where)).toEqual([]);
      expect(await fixture.storage.countEntities({ ...where, since: 0 })).toMatchObject({
        live: 0,
        last: null,
      });
    });
  });

  describe("the sizes of entities", () => {
    it("are those of their payloads in bytes, with their links, removed ones included", async () => {
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

    it("of another tenant are not returned", async () => {
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
