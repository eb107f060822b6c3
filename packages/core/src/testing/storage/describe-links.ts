import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LinkIds } from "../../feeds/feed.js";
import type { NewEntity } from "../../ports/landing-store.js";
import type { Touch } from "../../ports/work-queue.js";
import { entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import type { RunUnderTest, TenantUnderTest } from "./tenant-under-test.js";

/** What entities refer to is known by the names of links. */
export function describeLinks(fixture: StorageFixture): void {
  describe("links", () => {
    async function begun(): Promise<{ tenant: TenantUnderTest; run: RunUnderTest }> {
      const tenant = await fixture.newTenant();
      return { tenant, run: await tenant.begin() };
    }

    it("finds entities by what they refer to", async () => {
      const { tenant, run } = await begun();
      const refer = (id: string, customer: string, location: string | null, job: string | null): NewEntity =>
        entity(id, "first", { links: { customer, location, job } });
      await run.land({
        feed: "invoices",
        touches: [],
        entities: [refer("1", "7", "70", null), refer("2", "8", "70", null), refer("3", "7", null, "700")],
      });
      const { storage, scope } = tenant;
      const by = async (link: string, ...ids: string[]): Promise<string[]> =>
        (await storage.findEntitiesByLink({ scope, feed: "invoices", link, ids }))
          .map((row) => row.id)
          .sort();
      expect(await by("customer", "7")).toEqual(["1", "3"]);
      expect(await by("customer", "7", "8", "9")).toEqual(["1", "2", "3"]);
      expect(await by("location", "70")).toEqual(["1", "2"]);
      expect(await by("job", "700", "700")).toEqual(["3"]);
      expect(await by("location", "7")).toEqual([]);

      await run.land({
        feed: "invoices",
        touches: [],
        entities: [entity("1", "moved", { links: { customer: "8", location: null, job: null } })],
      });
      expect(await by("customer", "7")).toEqual(["3"]);
      expect(await by("customer", "8")).toEqual(["1", "2"]);
      expect(await by("location", "70")).toEqual(["2"]);
    });

    it("identifies links by name, in any order", async () => {
      const tenant = await fixture.newTenant();
      const { storage, scope } = tenant;
      const feed = `feed-${randomUUID()}`;
      const to = { customer: "7", location: "70", job: "700" };
      const orders: readonly (readonly (keyof typeof to)[])[] = [
        ["customer", "location", "job"],
        ["job", "customer", "location"],
        ["location", "job", "customer"],
      ];
      const run = await tenant.begin();
      for (const [index, order] of orders.entries()) {
        const links = Object.fromEntries(order.map((name) => [name, to[name]]));
        const touches = order.map((link): Touch => ({ record: "member", feed: link, link }));
        await run.land({ feed, touches, entities: [entity(String(index + 1), "first", { links })] });
      }
      const ids = ["1", "2", "3"];
      for (const [link, id] of Object.entries(to)) {
        const found = await storage.findEntitiesByLink({ scope, feed, link, ids: [id] });
        expect(found.map((row) => row.id).sort()).toEqual(ids);
        const pending = { scope, record: "member", feed: link, after: null, limit: 9 } as const;
        expect(await storage.listPendingIds(pending)).toEqual([id]);
      }
      for (const size of await storage.findEntitySizes({ scope, feed, ids })) expect(size.links).toEqual(to);
    });

    it("finds nothing by a link that no entity of the feed has", async () => {
      const { tenant, run } = await begun();
      const feed = `feed-${randomUUID()}`;
      const params = { scope: tenant.scope, feed, link: "customer", ids: ["7"] };
      const expansion = {
        record: "member",
        feed: "types",
        child: feed,
        childLink: "type",
        target: null,
      } as const;
      for (const links of [undefined, {}, { job: "7" }]) {
        if (links !== undefined) {
          await run.land({ feed, touches: [], entities: [entity("1", "first", { links })] });
        }
        expect(await tenant.storage.findEntitiesByLink(params)).toEqual([]);
        expect(await tenant.storage.findEntitySizesByLink(params)).toEqual([]);
        expect(await run.expand(expansion)).toBe(false);
      }
    });

    it("queues what a link named if a later landing omits the link", async () => {
      const { tenant, run } = await begun();
      const feed = `feed-${randomUUID()}`;
      const touches: readonly Touch[] = [{ record: "member", feed: "customers", link: "customer" }];
      const land = (content: string, links: LinkIds) =>
        run.land({ feed, touches, entities: [entity("1", content, { links })] });
      await land("first", { customer: "7" });
      await run.clearWorkQueue();
      await land("second", {});
      expect(await run.claimIds()).toEqual(["7"]);
      expect(
        await tenant.storage.findEntitiesByLink({ scope: tenant.scope, feed, link: "customer", ids: ["7"] }),
      ).toEqual([]);
    });
  });
}
