import { describe, expect, it } from "vitest";
import { at, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { type RunUnderTest, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

const ids = Array.from({ length: 20 }, (_, index) => String(index + 1));

/** What a complete full pass did not see has vanished. */
export function describeSweep(fixture: StorageFixture): void {
  describe("sweep", () => {
    /** Twenty customers landed before, with an empty work queue, and a run that has seen some of them. */
    async function afterFullPass(
      ...seen: readonly string[]
    ): Promise<{ tenant: TenantUnderTest; run: RunUnderTest }> {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: ids.map((id) => entity(id)), markSeen: true });
      await first.clearWorkQueue();
      await first.end();
      const run = await tenant.begin({ mode: "full" });
      await run.land({ entities: seen.map((id) => entity(id)), markSeen: true });
      return { tenant, run };
    }

    async function removedIds({ storage, scope }: TenantUnderTest): Promise<readonly string[]> {
      const found = await storage.findEntities({ scope, feed: "customers", ids });
      return found
        .flatMap((row) => (row.removed ? [row.id] : []))
        .sort((left, right) => Number(left) - Number(right));
    }

    it("marks absent entities as removed and queues them", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(2));
      expect(await run.sweep()).toEqual({ total: 20, absent: 2, removed: 2 });
      expect(await removedIds(tenant)).toEqual(["1", "2"]);
      expect(await run.claimIds()).toEqual(["1", "2"]);
    });

    it("marks nothing if nothing is absent", async () => {
      const { tenant, run } = await afterFullPass(...ids);
      expect(await run.sweep({ maxShare: 0 })).toEqual({ total: 20, absent: 0, removed: 0 });
      expect(await removedIds(tenant)).toEqual([]);
    });

    it("marks nothing if more than the given share is absent", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(2));
      expect(await run.sweep({ maxShare: 0.05 })).toEqual({ total: 20, absent: 2, removed: 0 });
      expect(await removedIds(tenant)).toEqual([]);
      expect(await run.claim()).toEqual([]);
    });

    it("marks entities that are exactly the given share", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      expect(await run.sweep({ maxShare: 0.05 })).toEqual({ total: 20, absent: 1, removed: 1 });
      expect(await removedIds(tenant)).toEqual(["1"]);
    });

    it("does not count entities that were removed before", async () => {
      const { run } = await afterFullPass(...ids.slice(2));
      await run.sweep();
      expect(await run.sweep({ maxShare: 0 })).toEqual({ total: 18, absent: 0, removed: 0 });
    });

    it("counts an entity as seen if its row failed the structure check", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      await run.land({
        rejections: [
          {
            feed: "customers",
            entityId: "1",
            stage: "structure",
            rules: ["name"],
            message: "",
            payload: null,
          },
        ],
        markSeen: true,
      });
      expect(await run.sweep()).toEqual({ total: 20, absent: 0, removed: 0 });
      expect(await removedIds(tenant)).toEqual([]);
    });

    it("counts an entity as seen if its row was suppressed, and forgets that its row was broken", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      await run.land({ rejections: [rejectionOf("1", { stage: "structure" }), rejectionOf("1")] });
      await run.land({ suppressed: ["1", "unknown-1", "1"], markSeen: true });
      expect(await run.sweep()).toEqual({ total: 20, absent: 0, removed: 0 });
      expect(await removedIds(tenant)).toEqual([]);
      expect((await tenant.rejections()).map((row) => row.stage)).toEqual(["record"]);
    });

    it("does not count what another run has seen, or what landed without being marked as seen", async () => {
      const { run } = await afterFullPass();
      await run.land({ entities: ids.slice(0, 5).map((id) => entity(id)), markSeen: false });
      expect(await run.sweep({ maxShare: 0 })).toEqual({ total: 20, absent: 20, removed: 0 });
    });

    it("queues what removed entities referred to", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin({ mode: "full" });
      await run.land({
        feed: "customer-contacts",
        touches: [],
        entities: [entity("500", "first", { links: { customer: "7" } })],
      });
      const touches = [{ record: "member", feed: "customers", link: "customer" }] as const;
      expect(await run.sweep({ feed: "customer-contacts", touches })).toMatchObject({ removed: 1 });
      expect(await run.claimIds()).toEqual(["7"]);
    });

    it("excludes removed entities from lookups by link", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin({ mode: "full" });
      const feed = "customer-contacts";
      const contact = (id: string) => entity(id, "first", { links: { customer: "7" } });
      await run.land({ feed, touches: [], entities: [contact("500"), contact("501")] });
      await run.land({ feed, touches: [], entities: [contact("501")], markSeen: true });
      await run.sweep({ feed, touches: [] });
      const { storage, scope } = tenant;
      const found = await storage.findEntitiesByLink({ scope, feed, link: "customer", ids: ["7"] });
      expect(found.map((row) => row.id)).toEqual(["501"]);
    });

    it.each([
      ["an equal row", entity("1")],
      ["a changed row", entity("1", "second", { modifiedOn: at(2) })],
    ])("restores an entity that returns as %s, and queues it", async (_, row) => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      await run.sweep();
      await run.clearWorkQueue();
      expect(await run.land({ entities: [row] })).toEqual({ landed: 1, unchanged: 0, superseded: 0 });
      expect(await removedIds(tenant)).toEqual([]);
      expect(await run.claimIds()).toEqual(["1"]);
    });

    it("restores an entity that a list shows with the time that it had", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      await run.sweep();
      await run.clearWorkQueue();
      const row = entity("1", "second");
      expect(await run.land({ entities: [row], source: "list" })).toMatchObject({ landed: 1, superseded: 0 });
      expect(await removedIds(tenant)).toEqual([]);
      expect(await run.claimIds()).toEqual(["1"]);
    });

    it("restores an entity that returns with an older time, but only in a later full pass", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(1));
      await run.sweep();
      await run.end();
      const row = entity("1", "second", { modifiedOn: at(0) });
      const incremental = await tenant.begin();
      expect(await incremental.land({ entities: [row] })).toMatchObject({ landed: 0, superseded: 1 });
      await incremental.end();
      expect(await removedIds(tenant)).toEqual(["1"]);
      const next = await tenant.begin({ mode: "full" });
      // Even if it landed recently: a full pass has shown since then that it is gone.
      const result = await next.land({ entities: [row], markSeen: true, healsBefore: 0 });
      expect(result).toMatchObject({ landed: 1, superseded: 0 });
      expect(await removedIds(tenant)).toEqual([]);
      expect(await next.claimIds()).toContain("1");
    });

    it("spares what has landed since the given time", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(3));
      const spareAfter = run.run.startedAt;
      await fixture.passTime(20);
      await run.land({ entities: [entity("1", "second", { modifiedOn: at(2) }), entity("21")] });
      expect(await run.sweep({ spareAfter })).toEqual({ total: 21, absent: 2, removed: 2 });
      expect(await removedIds(tenant)).toEqual(["2", "3"]);
    });

    it("closes rejections of removed entities, and of broken rows that no longer appear", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      const broken = (id: string) => rejectionOf(id, { stage: "structure" });
      await first.land({ entities: ids.map((id) => entity(id)), markSeen: true });
      await first.land({ rejections: [broken("1"), broken("3"), broken("77"), broken("unknown-0a")] });
      await first.land({ feed: "jobs", touches: [], rejections: [{ ...broken("1"), feed: "jobs" }] });
      await first.settle([
        { id: "2", sequence: 0, outcome: "rejected", rejection: rejectionOf("2") },
        { id: "4", sequence: 0, outcome: "rejected", rejection: rejectionOf("4") },
      ]);
      await first.end();
      const run = await tenant.begin({ mode: "full" });
      await run.land({ entities: ids.slice(4).map((id) => entity(id)), markSeen: true });
      await run.land({
        entities: [entity("4", "older", { modifiedOn: at(0) })],
        rejections: [broken("3"), broken("88")],
        markSeen: true,
      });
      expect(await run.sweep({ maxShare: 0 })).toMatchObject({ absent: 2, removed: 0 });
      expect(await tenant.rejections()).toHaveLength(8);
      await run.sweep();
      const open = (await tenant.rejections()).map(({ feed, entityId, stage }) => [feed, entityId, stage]);
      expect(open.sort()).toEqual([
        ["customers", "3", "structure"],
        ["customers", "4", "record"],
        ["customers", "88", "structure"],
        ["jobs", "1", "structure"],
      ]);
    });

    it("closes no rejection of a row that was read broken since the given time", async () => {
      const { tenant, run } = await afterFullPass(...ids);
      const spareAfter = run.run.startedAt;
      await fixture.passTime(20);
      await run.land({ rejections: [rejectionOf("77", { stage: "structure" })] });
      await run.sweep({ spareAfter });
      expect(await tenant.rejections()).toMatchObject([{ entityId: "77" }]);
    });

    it("remembers what was seen across a pause", async () => {
      const { tenant, run } = await afterFullPass(...ids.slice(0, 10));
      await run.end("paused");
      const heir = await tenant.begin({ mode: "full" });
      await heir.land({ entities: ids.slice(10, 19).map((id) => entity(id)), markSeen: true });
      expect(await heir.sweep()).toEqual({ total: 20, absent: 1, removed: 1 });
      expect(await removedIds(tenant)).toEqual(["20"]);
    });

    it("keeps feeds apart", async () => {
      const { tenant, run } = await afterFullPass();
      await run.land({ feed: "jobs", touches: [], entities: ids.map((id) => entity(id)), markSeen: true });
      expect(await run.sweep({ feed: "jobs", touches: [], maxShare: 0 })).toEqual({
        total: 20,
        absent: 0,
        removed: 0,
      });
      expect(await run.sweep({ maxShare: 0 })).toMatchObject({ absent: 20 });
      expect(await removedIds(tenant)).toEqual([]);
    });

    it("counts nothing as seen that the run has forgotten because it reads again", async () => {
      const { tenant, run } = await afterFullPass(...ids);
      await run.land({ feed: "jobs", touches: [], entities: [entity("1")], markSeen: true });
      const { storage, scope } = tenant;
      await storage.forgetSeenIds({ lease: run.lease, scope, feed: "customers" });
      await run.land({ entities: ids.slice(1).map((id) => entity(id)), markSeen: true });
      expect(await run.sweep()).toEqual({ total: 20, absent: 1, removed: 1 });
      expect(await removedIds(tenant)).toEqual(["1"]);
      expect(await run.sweep({ feed: "jobs", touches: [] })).toMatchObject({ absent: 0 });
    });
  });
}
