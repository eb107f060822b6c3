import { describe, expect, it } from "vitest";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { leaseMs } from "./tenant-under-test.js";

/** What a check reads, in bounded steps. */
export function describeConsistencyView(fixture: StorageFixture): void {
  describe("a check's view", () => {
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

    it("lists what was delivered in order as numbers, removed records included", async () => {
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

    it("tells who has a credential's lease, and for how long", async () => {
      const tenant = await fixture.newTenant();
      expect(await fixture.storage.findLease(tenant.credential.id)).toBeNull();
      const run = await tenant.begin();
      const lease = await fixture.storage.findLease(tenant.credential.id);
      expect(lease?.runId).toBe(run.run.id);
      expect(lease?.endsInMs).toBeGreaterThan(leaseMs / 2);
      expect(lease?.endsInMs).toBeLessThanOrEqual(leaseMs);
      await run.end();
      expect(await fixture.storage.findLease(tenant.credential.id)).toBeNull();
    });

    it("shows nothing of another tenant", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")] });
      const [key] = await run.claim();
      if (key === undefined) throw new Error("One was listed.");
      await run.settle([upserted(key, 1)]);
      const { scope, credential } = await fixture.newTenant();
      const where = { scope, after: null, limit: 9 };
      expect(await fixture.storage.countEntities({ ...where, feed: "customers", since: 0 })).toMatchObject({
        live: 0,
        last: null,
      });
      expect(await fixture.storage.listDeliveredRecords({ ...where, record: "member" })).toEqual([]);
      expect(await fixture.storage.findLease(credential.id)).toBeNull();
    });
  });
}
