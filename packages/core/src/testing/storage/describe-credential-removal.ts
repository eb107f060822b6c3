import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { rejectionOf } from "./tenant-under-test.js";

/** What a credential takes along when it is removed, and what it leaves. */
export function describeCredentialRemoval(fixture: StorageFixture): void {
  describe("removing a credential", () => {
    it("refuses to remove a credential while its run is in progress", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const removing = fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      await expect(removing).rejects.toMatchObject({ code: "CONFLICT", runId: run.run.id });
      expect(await fixture.storage.findCredential(tenant.credential.id)).toEqual(tenant.credential);
      await fixture.expireLease(run.lease);
      expect(await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false })).toBe(
        true,
      );
    });

    async function withData() {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({
        entities: [entity("1"), entity("2")],
        rejections: [rejectionOf("3", { stage: "structure" })],
      });
      const [key] = await run.claim({ limit: 1 });
      await run.settle(key === undefined ? [] : [upserted(key, 4)]);
      await run.stage("batch");
      await run.end();
      return { tenant, run };
    }

    it("leaves a tenant's data to a later credential of the same tenant", async () => {
      const { tenant, run } = await withData();
      const { companyId, environment, tenantId } = tenant.scope;
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "completed" });

      const next = await fixture.newTenant({ companyId, environment, tenantId });
      expect(await fixture.storage.hasLandedData(next.scope)).toBe(true);
      expect(
        await fixture.storage.findDeliveredRecords({ scope: next.scope, record: "member", ids: ["1"] }),
      ).toMatchObject([{ revision: 4 }]);
      expect(await fixture.storage.listStagedBatches(next.scope)).toHaveLength(1);
      const heir = await next.begin();
      expect(heir.resumed).toBe(false);
      expect(await heir.claimIds()).toEqual(["2"]);
    });

    it("removes everything of a tenant with its credential if requested, and nothing of others", async () => {
      const { tenant, run } = await withData();
      const other = await withData();
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });

      const { storage } = fixture;
      const traces = async ({ scope }: { scope: typeof tenant.scope }, runId: string) => ({
        landed: await storage.hasLandedData(scope),
        entities: await storage.findEntities({ scope, feed: "customers", ids: ["1", "2"] }),
        delivered: await storage.findDeliveredRecords({ scope, record: "member", ids: ["1"] }),
        batches: await storage.listStagedBatches(scope),
        run: await storage.findRun(runId),
        rejections: (await storage.listRejections({ companyId: scope.companyId }, { limit: 9 })).items,
        records: (await storage.listRecords({ record: "member", companyId: scope.companyId }, { limit: 9 }))
          .items,
      });
      expect(await traces(tenant, run.run.id)).toEqual({
        landed: false,
        entities: [],
        delivered: [],
        batches: [],
        run: null,
        rejections: [],
        records: [],
      });
      const kept = await traces(other.tenant, other.run.run.id);
      expect(kept).toMatchObject({ landed: true, delivered: [{ revision: 4 }] });
      expect([kept.entities, kept.batches, kept.rejections, kept.records].map((rows) => rows.length)).toEqual(
        [2, 1, 1, 1],
      );

      const next = await fixture.newTenant({ ...tenant.scope });
      const fresh = await next.begin();
      expect(await fresh.claim()).toEqual([]);
      expect(await storage.findCursors(next.scope)).toEqual(new Map());
    });

    it("removes a paused run together with the data", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const [first, second] = [randomUUID(), randomUUID()];
      await fixture.storage.recordAcceptedRun({ acceptedId: first, runId: second });
      await fixture.storage.recordAcceptedRun({ acceptedId: second, runId: run.run.id });
      await run.land({ entities: [entity("1")], markSeen: true });
      await run.end("paused");
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      expect(await fixture.storage.findRun(run.run.id)).toBeNull();
      for (const id of [first, second]) expect(await fixture.storage.findAcceptedRun(id)).toBeNull();
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();
      await expect(run.heartbeat()).rejects.toMatchObject({ code: "LEASE_LOST" });
    });

    it("ends a run that nobody can continue without its credential, and forgets what it has seen", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ entities: [entity("1"), entity("2")] });
      await first.end();
      const run = await tenant.begin({ mode: "full" });
      await run.land({ entities: [entity("1")], markSeen: true });
      await run.end("paused");
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "cancelled", error: null });
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();
      const next = await fixture.newTenant({ ...tenant.scope });
      const again = await next.begin({ mode: "full" });
      expect(again.resumed).toBe(false);
      expect(await again.enqueue({ seenOnly: true })).toBeNull();
    });
  });
}
