import { describe, expect, it } from "vitest";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";

/** Looking at what is ahead takes none of it. */
export function describeWorkReads(fixture: StorageFixture): void {
  describe("a look at the work", () => {
    it("gives landed ids in order as numbers, with those that vanished, from behind an id", async () => {
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

    it("gives listed ids, claimed or not, and counts them", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("2"), entity("9"), entity("10")] });
      expect(await run.claimIds({ limit: 1 })).toEqual(["2"]);
      const where = { scope: tenant.scope, record: "member", feed: "customers" } as const;
      expect(await fixture.storage.listPendingIds({ ...where, after: null, limit: 2 })).toEqual(["2", "9"]);
      expect(await fixture.storage.listPendingIds({ ...where, after: "9", limit: 2 })).toEqual(["10"]);
      expect(await fixture.storage.countPendingIds(where)).toBe(3);
      expect(await fixture.storage.countPendingIds({ ...where, feed: "zones" })).toBe(0);
      expect(await run.claimIds()).toEqual(["9", "10"]);
    });

    it("gives the current records of these ids, without removed ones", async () => {
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

    it("shows nothing of another tenant", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")] });
      const { scope } = await fixture.newTenant();
      const where = { scope, record: "member", feed: "customers" } as const;
      expect(await fixture.storage.listEntityIds({ ...where, after: null, limit: 9 })).toEqual([]);
      expect(await fixture.storage.listPendingIds({ ...where, after: null, limit: 9 })).toEqual([]);
      expect(await fixture.storage.countPendingIds(where)).toBe(0);
    });
  });
}
