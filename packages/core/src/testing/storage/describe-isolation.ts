import { describe, expect, it } from "vitest";
import { contentOf, cursorAt, entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import type { NewTenant, TenantUnderTest } from "./tenant-under-test.js";
import { rejectionOf } from "./tenant-under-test.js";

/** How the second tenant differs from the first; ids of entities are the same in both. */
const differences: Readonly<Record<string, (first: TenantUnderTest) => NewTenant>> = {
  company: ({ scope }) => ({ environment: scope.environment, tenantId: scope.tenantId }),
  environment: ({ scope }) => ({
    companyId: scope.companyId,
    environment: "integration",
    tenantId: scope.tenantId,
  }),
};

/** Nothing of one tenant shows in another, though the ids are the same. */
export function describeIsolation(fixture: StorageFixture): void {
  describe.each(Object.entries(differences))("isolation of tenants that differ in %s", (_, differ) => {
    async function neighbors() {
      const first = await fixture.newTenant();
      const second = await fixture.newTenant(differ(first));
      return { first, second, firstRun: await first.begin(), secondRun: await second.begin() };
    }

    it("lands, claims and settles the same ids apart", async () => {
      const { first, second, firstRun, secondRun } = await neighbors();
      await firstRun.land({ entities: [entity("1", "of first")], cursor: cursorAt("first") });
      await secondRun.land({ entities: [entity("1", "of second"), entity("2")], cursor: cursorAt("second") });
      expect(await firstRun.claimIds()).toEqual(["1"]);
      const claimed = await secondRun.claim();
      expect(claimed.map((key) => key.id)).toEqual(["1", "2"]);
      await secondRun.settle(claimed.map((key) => upserted(key, 3, "of second")));

      const { storage } = fixture;
      const seenBy = async ({ scope }: TenantUnderTest) => ({
        contents: (await storage.findEntities({ scope, feed: "customers", ids: ["1", "2"] }))
          .map(contentOf)
          .sort(),
        cursor: (await storage.findCursors(scope)).get("customers")?.token,
        delivered: (await storage.findDeliveredRecords({ scope, record: "member", ids: ["1", "2"] })).length,
      });
      expect(await seenBy(first)).toEqual({ contents: ["of first"], cursor: "first", delivered: 0 });
      expect(await seenBy(second)).toEqual({
        contents: ["first", "of second"],
        cursor: "second",
        delivered: 2,
      });
      await firstRun.end("paused");
      expect(await (await first.begin()).claimIds()).toEqual(["1"]);
    });

    it("keeps batches and rejections apart", async () => {
      const { first, second, firstRun, secondRun } = await neighbors();
      await firstRun.stage("batch of first");
      await secondRun.stage("batch of second");
      await firstRun.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      await secondRun.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      await secondRun.land({ entities: [entity("1")] });
      await secondRun.settle([], { batchId: "batch of second" });

      const { storage } = fixture;
      const batches = await storage.listStagedBatches(first.scope);
      expect(batches.map((batch) => batch.id)).toEqual(["batch of first"]);
      expect(await storage.listStagedBatches(second.scope)).toEqual([]);
      const rejectionsOf = async ({ credential }: TenantUnderTest): Promise<number> =>
        (await storage.listRejections({ credentialId: credential.id }, { limit: 9 })).items.length;
      expect(await rejectionsOf(first)).toBe(1);
      expect(await rejectionsOf(second)).toBe(0);
    });

    it("follows links and sweeps within one tenant only", async () => {
      const { first, second, firstRun, secondRun } = await neighbors();
      const feed = "customer-contacts";
      const land = {
        feed,
        touches: [],
        entities: [entity("500", "first", { links: { customer: "7" } })],
      } as const;
      await firstRun.land(land);
      await secondRun.land(land);
      expect(await secondRun.sweep({ feed, touches: [] })).toEqual({ total: 1, absent: 1, removed: 1 });
      const { storage } = fixture;
      const linked = ({ scope }: TenantUnderTest) =>
        storage.findEntitiesByLink({ scope, feed, link: "customer", ids: ["7"] });
      expect(await linked(first)).toHaveLength(1);
      expect(await linked(second)).toEqual([]);
    });

    it("lets their runs work in parallel", async () => {
      const { first, second, firstRun, secondRun } = await neighbors();
      await firstRun.end("failed");
      await secondRun.heartbeat();
      const { storage } = fixture;
      expect(await storage.findCurrentRun(first.credential.id)).toBeNull();
      expect((await storage.findCurrentRun(second.credential.id))?.id).toBe(secondRun.run.id);
      const runsOf = async ({ credential }: TenantUnderTest): Promise<readonly string[]> =>
        (await storage.listRuns({ credentialId: credential.id }, { limit: 9 })).items.map((run) => run.id);
      expect(await runsOf(first)).toEqual([firstRun.run.id]);
      expect(await runsOf(second)).toEqual([secondRun.run.id]);
    });
  });
}
