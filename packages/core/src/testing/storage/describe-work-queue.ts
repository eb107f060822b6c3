import { describe, expect, it } from "vitest";
import type { NewEntity } from "../../ports/landing-store.js";
import type { Touch } from "../../ports/work-queue.js";
import { contentOf, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { driverOf } from "./tenant-under-test.js";

const contactTouches: readonly Touch[] = [{ record: "member", feed: "customers", link: "customer" }];

/** What is still to be derived: nothing that changed is ever forgotten, nothing is done for an older state. */
export function describeWorkQueue(fixture: StorageFixture): void {
  describe("work queue", () => {
    it("returns pending keys once, in ascending numeric order, in bounded batches", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({ entities: ["2", "9", "10", "100"].map((id) => entity(id)) });
      await run.land({ entities: ["1", "20"].map((id) => entity(id)) });
      expect(await run.claimIds({ limit: 4 })).toEqual(["1", "2", "9", "10"]);
      expect(await run.claimIds({ limit: 4 })).toEqual(["20", "100"]);
      expect(await run.claimIds({ limit: 4 })).toEqual([]);
    });

    it("returns only keys above the last claimed one, and the others from the beginning again", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({ entities: ["2", "9", "10", "100"].map((id) => entity(id)) });
      expect(await run.claimIds({ after: "9", limit: 1 })).toEqual(["10"]);
      await run.land({ entities: [entity("3")] });
      expect(await run.claimIds({ after: "10" })).toEqual(["100"]);
      expect(await run.claimIds({ after: "100" })).toEqual([]);
      expect(await run.claimIds({ after: null })).toEqual(["2", "3", "9"]);
    });

    it("keeps the queues of the record types apart", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({
        entities: [entity("1")],
        touches: [
          { record: "member", feed: "customers", link: null },
          { record: "invoice", feed: "customers", link: null },
        ],
      });
      await run.clearWorkQueue("member");
      const { lease } = run;
      const left = { lease, scope: run.run.scope, record: "invoice", feed: "customers", limit: 9 } as const;
      expect(
        (await fixture.storage.claimKeys({ ...left, after: null, seenOnly: false })).map((key) => key.id),
      ).toEqual(["1"]);
    });

    it("removes a key that was not queued again since it was read", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1"), entity("2")] });
      const claimed = await run.claim({ limit: 1 });
      await run.settle(claimed.map((key) => ({ ...key, outcome: "unchanged" })));
      await run.end("paused");
      expect(await (await tenant.begin()).claimIds()).toEqual(["2"]);
    });

    it("keeps a key that changed after it was read, and returns it again once settled", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({ entities: [entity("1")] });
      const [first] = await run.claim();
      await run.land({ entities: [entity("1", "second")] });
      expect(await run.claim()).toEqual([]);
      await run.settle(first === undefined ? [] : [{ ...first, outcome: "unchanged" }]);
      const [again] = await run.claim();
      expect(again?.id).toBe("1");
      expect(again?.sequence).toBeGreaterThan(first?.sequence ?? Number.NaN);
      await run.settle(again === undefined ? [] : [{ ...again, outcome: "unchanged" }]);
      expect(await run.claim()).toEqual([]);
    });

    it("never restarts sequences, even when a key is queued again after it was removed", async () => {
      const run = await (await fixture.newTenant()).begin();
      const sequences: number[] = [];
      for (const content of ["first", "second", "third"]) {
        await run.land({ entities: [entity("1", content)] });
        const claimed = await run.claim();
        sequences.push(...claimed.map((key) => key.sequence));
        await run.settle(claimed.map((key) => ({ ...key, outcome: "unchanged" })));
      }
      expect(sequences).toHaveLength(3);
      expect(sequences).toEqual([...new Set(sequences)].sort((left, right) => left - right));
    });

    it("does not remove a key at an earlier sequence", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({ entities: [entity("1")] });
      const stale = await run.claim();
      await run.settle(stale.map((key) => ({ ...key, outcome: "unchanged" })));
      await run.land({ entities: [entity("1", "second")] });
      await run.settle(stale.map((key) => ({ ...key, outcome: "unchanged" })));
      expect(await run.claimIds()).toEqual(["1"]);
    });

    it("voids the claims of a dead owner", async () => {
      const tenant = await fixture.newTenant();
      const dead = await tenant.begin();
      await dead.land({ entities: [entity("1"), entity("2")] });
      expect(await dead.claimIds()).toEqual(["1", "2"]);
      await fixture.expireLease(dead.lease);
      const heir = await tenant.begin();
      expect(await heir.claimIds()).toEqual(["1", "2"]);
      expect(await heir.claimIds()).toEqual([]);
    });

    it("leaves queued keys to later runs", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: [entity("1"), entity("2")] });
      await first.claim();
      await first.end("completed");
      expect(await (await tenant.begin()).claimIds()).toEqual(["1", "2"]);
    });

    it("queues the parents that an entity had before and has now, and none if it did not change", async () => {
      const run = await (await fixture.newTenant()).begin();
      const listedBy = async (content: string, parent: string | null): Promise<readonly string[]> => {
        const contact = entity("500", content, { links: { customer: parent } });
        await run.land({ feed: "customer-contacts", touches: contactTouches, entities: [contact] });
        const claimed = await run.claim();
        await run.settle(claimed.map((key) => ({ ...key, outcome: "unchanged" })));
        return claimed.map((key) => key.id);
      };
      expect(await listedBy("first", "7")).toEqual(["7"]);
      expect(await listedBy("first", "7")).toEqual([]);
      expect(await listedBy("second", "7")).toEqual(["7"]);
      expect(await listedBy("moved", "8")).toEqual(["7", "8"]);
      expect(await listedBy("nobody's", null)).toEqual(["8"]);
      expect(await listedBy("found again", "10")).toEqual(["10"]);
    });

    it("queues nothing for a change that no record shows, but stores the row", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const row = (content: string, usedHash: string, link: string | null = "7") =>
        entity("500", content, { usedHash, links: { customer: link } });
      const listedBy = async (changed: NewEntity): Promise<readonly string[]> => {
        await run.land({ feed: "customer-contacts", touches: contactTouches, entities: [changed] });
        const claimed = await run.claim();
        await run.settle(claimed.map((key) => ({ ...key, outcome: "unchanged" })));
        return claimed.map((key) => key.id);
      };
      expect(await listedBy(row("first", "used"))).toEqual(["7"]);
      expect(await listedBy(row("second", "used"))).toEqual([]);
      const { storage, scope } = tenant;
      const [stored] = await storage.findEntities({ scope, feed: "customer-contacts", ids: ["500"] });
      expect(stored === undefined ? null : contentOf(stored)).toBe("second");
      expect(await listedBy(row("third", "used otherwise"))).toEqual(["7"]);
      expect(await listedBy(row("fourth", "used otherwise", "8"))).toEqual(["7", "8"]);
      expect(await listedBy(row("fifth", "used otherwise", "8"))).toEqual([]);
      await run.sweep({ feed: "customer-contacts", touches: contactTouches });
      await run.clearWorkQueue();
      expect(await listedBy(row("sixth", "used otherwise", "8"))).toEqual(["8"]);
    });

    it("queues the entity itself and its links in one landing", async () => {
      const run = await (await fixture.newTenant()).begin();
      const touches: readonly Touch[] = [
        { record: "invoice", feed: "invoices", link: null },
        { record: "member", feed: "customers", link: "customer" },
      ];
      await run.land({
        feed: "invoices",
        touches,
        entities: [entity("30", "first", { links: { customer: "3", job: null } })],
      });
      expect(await run.claimIds({ record: "invoice" })).toEqual(["30"]);
      expect(await run.claimIds({ record: "member" })).toEqual(["3"]);
    });

    it("queues given ids, landed or not, and increases the sequence of those already queued", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("2")] });
      const [before] = await run.claim();
      const { lease } = run;
      const ids = ["10", "2", "9"];
      await fixture.storage.requeueKeys({
        lease,
        scope: tenant.scope,
        record: "member",
        feed: "customers",
        ids,
      });
      await fixture.storage.requeueKeys({
        lease,
        scope: tenant.scope,
        record: "member",
        feed: "customers",
        ids: [],
      });
      expect(await run.claimIds()).toEqual(["9", "10"]);
      await run.settle(before === undefined ? [] : [{ ...before, outcome: "unchanged" }]);
      expect(await run.claimIds()).toEqual(["2"]);
    });

    it("queues landed entities in bounded steps, removed ones included", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin({ mode: "full" });
      const ids = ["1", "2", "9", "10", "11"];
      await first.land({ entities: ids.map((id) => entity(id)) });
      await first.end();
      const run = await tenant.begin({ mode: "full" });
      await run.land({ entities: ["1", "2", "9", "11"].map((id) => entity(id)), markSeen: true });
      expect(await run.sweep()).toMatchObject({ removed: 1 });
      await run.clearWorkQueue();

      expect(await run.enqueue({ limit: 2 })).toBe("2");
      expect(await run.enqueue({ limit: 2, after: "2" })).toBe("10");
      expect(await run.enqueue({ limit: 2, after: "10" })).toBe("11");
      expect(await run.enqueue({ limit: 2, after: "11" })).toBeNull();
      expect(await run.claimIds()).toEqual(ids);
    });

    it("queues and claims only what the run has seen, if requested", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: ["1", "2", "3", "4"].map((id) => entity(id)), markSeen: true });
      await first.end();

      const range = { from: "2026-01-01T00:00:00Z", to: null, by: "modified" } as const;
      const run = await tenant.begin({ range });
      await run.land({ entities: [entity("2"), entity("4", "second")], markSeen: true });
      expect(await run.claimIds({ seenOnly: true, limit: 1 })).toEqual(["2"]);
      expect(await run.claimIds({ seenOnly: true })).toEqual(["4"]);
      expect(await run.claimIds({ seenOnly: false })).toEqual(["1", "3"]);

      expect(await run.enqueue({ seenOnly: true, limit: 1 })).toBe("2");
      expect(await run.enqueue({ seenOnly: true, limit: 5, after: "2" })).toBe("4");
      expect(await run.enqueue({ seenOnly: true, limit: 5, after: "4" })).toBeNull();
    });

    it("queues no id that the run has seen but not landed", async () => {
      const run = await (await fixture.newTenant()).begin();
      await run.land({
        rejections: [
          {
            feed: driverOf.member,
            entityId: "5",
            stage: "structure",
            rules: ["id"],
            message: "",
            payload: null,
          },
        ],
        markSeen: true,
      });
      expect(await run.enqueue({ seenOnly: true })).toBeNull();
      expect(await run.claim()).toEqual([]);
    });

    it("forgets what a run has seen of one feed when it starts reading it again", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")], markSeen: true });
      await run.land({
        feed: "invoices",
        touches: [{ record: "invoice", feed: "invoices", link: null }],
        entities: [entity("2")],
        markSeen: true,
      });
      await fixture.storage.forgetSeenIds({ lease: run.lease, scope: tenant.scope, feed: "customers" });
      expect(await run.claimIds({ seenOnly: true })).toEqual([]);
      expect(await run.claimIds({ record: "invoice", seenOnly: true })).toEqual(["2"]);
    });

    it("remembers what a paused run has seen, and forgets it when the run has ended", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: [entity("1")], markSeen: true });
      await first.end("paused");
      const second = await tenant.begin();
      expect(await second.claimIds({ seenOnly: true })).toEqual(["1"]);
      await second.end();
      const third = await tenant.begin();
      expect(await third.claimIds({ seenOnly: true })).toEqual([]);
      expect(await third.claimIds()).toEqual(["1"]);
    });

    it("returns queued ids, claimed or not, and counts them", async () => {
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

    it("shows nothing of another tenant", async () => {
      const tenant = await fixture.newTenant();
      await (await tenant.begin()).land({ entities: [entity("1")] });
      const { scope } = await fixture.newTenant();
      const where = { scope, record: "member", feed: "customers" } as const;
      expect(await fixture.storage.listPendingIds({ ...where, after: null, limit: 9 })).toEqual([]);
      expect(await fixture.storage.countPendingIds(where)).toBe(0);
    });
  });
}
