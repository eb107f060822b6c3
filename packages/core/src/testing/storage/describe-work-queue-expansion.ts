import { describe, expect, it } from "vitest";
import type { Expansion, Touch } from "../../ports/work-queue.js";
import { entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import type { RunUnderTest } from "./tenant-under-test.js";

/** A queued location leads to the invoices that name it. */
const locationsToInvoices: Expansion = {
  record: "invoice",
  feed: "locations",
  child: "invoices",
  childLink: "location",
  target: null,
};

/** A queued membership type leads to the customers of the memberships that name it. */
const typesToCustomers: Expansion = {
  record: "member",
  feed: "membership-types",
  child: "memberships",
  childLink: "type",
  target: { feed: "customers", link: "customer" },
};

const locationTouches: readonly Touch[] = [{ record: "invoice", feed: "locations", link: null }];

/** What listed entities lead to takes their place, in steps that stay small. */
export function describeExpansion(fixture: StorageFixture): void {
  describe("expansion of the work queue", () => {
    async function landInvoices(run: RunUnderTest, ids: readonly string[], location: string): Promise<void> {
      const entities = ids.map((id) => entity(id, "first", { links: { customer: "1", location } }));
      await run.land({ feed: "invoices", touches: [], entities });
    }

    async function listLocations(run: RunUnderTest, content: string, ...ids: string[]): Promise<void> {
      const entities = ids.map((id) => entity(id, content));
      await run.land({ feed: "locations", touches: locationTouches, entities });
    }

    /** Claims and removes the queued invoices. */
    async function takeInvoices(run: RunUnderTest): Promise<readonly string[]> {
      const claimed = await run.claim({ record: "invoice" });
      await run.settle(
        claimed.map((key) => ({ ...key, outcome: "unchanged" })),
        { record: "invoice" },
      );
      return claimed.map((key) => key.id);
    }

    async function expandAll(run: RunUnderTest, expansion: Expansion, limit: number): Promise<number> {
      let steps = 1;
      while (await run.expand(expansion, limit)) {
        steps += 1;
        if (steps > 100) throw new Error("The expansion does not end.");
      }
      return steps;
    }

    it("replaces a queued entity with the entities that name it", async () => {
      const run = await (await fixture.newTenant()).begin();
      await landInvoices(run, ["1", "2", "10"], "7");
      await landInvoices(run, ["3"], "8");
      await listLocations(run, "renamed", "7");
      expect(await takeInvoices(run)).toEqual([]);
      await expandAll(run, locationsToInvoices, 100);
      expect(await takeInvoices(run)).toEqual(["1", "2", "10"]);
      await expandAll(run, locationsToInvoices, 100);
      expect(await takeInvoices(run)).toEqual([]);
    });

    it("removes an entity that leads nowhere", async () => {
      const run = await (await fixture.newTenant()).begin();
      await listLocations(run, "first", "7");
      expect(await run.expand(locationsToInvoices)).toBe(false);
      await landInvoices(run, ["1"], "7");
      expect(await run.expand(locationsToInvoices)).toBe(false);
      expect(await takeInvoices(run)).toEqual([]);
    });

    it("queues what the intermediate entities name, each once, and skips those that name nothing", async () => {
      const run = await (await fixture.newTenant()).begin();
      const membership = (id: string, customer: string | null) =>
        entity(id, "first", { links: { customer, type: "900" } });
      await run.land({
        feed: "memberships",
        touches: [],
        entities: [membership("1", "5"), membership("2", null), membership("3", "5"), membership("4", "6")],
      });
      await run.land({
        feed: "membership-types",
        touches: [{ record: "member", feed: "membership-types", link: null }],
        entities: [entity("900")],
      });
      await expandAll(run, typesToCustomers, 100);
      expect(await run.claimIds()).toEqual(["5", "6"]);
    });

    it("continues from and through removed entities: records of others still show their values", async () => {
      const run = await (await fixture.newTenant()).begin({ mode: "full" });
      await landInvoices(run, ["1", "2"], "7");
      await listLocations(run, "first", "7");
      expect(await run.sweep({ feed: "invoices", touches: [] })).toMatchObject({ removed: 2 });
      expect(await run.sweep({ feed: "locations", touches: locationTouches })).toMatchObject({ removed: 1 });
      await expandAll(run, locationsToInvoices, 100);
      expect(await takeInvoices(run)).toEqual(["1", "2"]);
    });

    it("processes many queued entities in bounded steps", async () => {
      const run = await (await fixture.newTenant()).begin();
      await listLocations(run, "first", "1", "2", "3", "4", "5");
      expect(await run.expand(locationsToInvoices, 2)).toBe(true);
      expect(await expandAll(run, locationsToInvoices, 2)).toBeGreaterThan(1);
    });

    it("processes the many entities that one leads to in bounded steps, and keeps its place", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      const ids = Array.from({ length: 7 }, (_, index) => String(index + 5));
      await landInvoices(first, ids, "7");
      await listLocations(first, "renamed", "7");
      expect(await first.expand(locationsToInvoices, 3)).toBe(true);
      const listed = await takeInvoices(first);
      expect(listed.length).toBeGreaterThan(0);
      expect(listed.length).toBeLessThanOrEqual(3);

      // Another owner continues from there: nothing is queued twice, nothing is missing.
      await fixture.expireLease(first.lease);
      const second = await tenant.begin();
      await expandAll(second, locationsToInvoices, 3);
      expect([...listed, ...(await takeInvoices(second))]).toEqual(ids);
    });

    it("starts again with an entity that changed again meanwhile", async () => {
      const run = await (await fixture.newTenant()).begin();
      const ids = Array.from({ length: 6 }, (_, index) => String(index + 5));
      await landInvoices(run, ids, "7");
      await listLocations(run, "renamed", "7");
      expect(await run.expand(locationsToInvoices, 4)).toBe(true);
      await takeInvoices(run);
      await listLocations(run, "renamed again", "7");
      await expandAll(run, locationsToInvoices, 4);
      expect(await takeInvoices(run)).toEqual(ids);
    });

    it("queues a key again that was claimed before the expansion reached it", async () => {
      const run = await (await fixture.newTenant()).begin();
      const invoice = entity("1", "first", { links: { customer: "1", location: "7" } });
      const touches: readonly Touch[] = [{ record: "invoice", feed: "invoices", link: null }];
      await run.land({ feed: "invoices", touches, entities: [invoice] });
      const before = await run.claim({ record: "invoice" });
      await listLocations(run, "renamed", "7");
      await expandAll(run, locationsToInvoices, 100);
      await run.settle(
        before.map((key) => ({ ...key, outcome: "unchanged" })),
        { record: "invoice" },
      );
      expect(await takeInvoices(run)).toEqual(["1"]);
    });
  });
}
