import { describe, expect, it } from "vitest";
import { LeaseLostError } from "../../errors.js";
import { cursorAt, entity, figuresOf, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { driverOf, type RunUnderTest, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

/** Every writing verb, with something that would leave a trace. */
const verbs: Readonly<Record<string, (run: RunUnderTest, tenant: TenantUnderTest) => Promise<unknown>>> = {
  renewLease: (run) => run.heartbeat(),
  landRows: (run) =>
    run.land({
      entities: [entity("1", "stale", { modifiedOn: null }), entity("9", "stale")],
      rejections: [rejectionOf("8", { stage: "structure" })],
      cursor: cursorAt("stale"),
      markSeen: true,
    }),
  sweepFeed: (run) => run.sweep(),
  expandKeys: (run) =>
    run.expand({
      record: "invoice",
      feed: "customers",
      child: "invoices",
      childLink: "customer",
      target: null,
    }),
  enqueueKeys: (run) => run.enqueue(),
  requeueKeys: (run, { storage, scope }) =>
    storage.requeueKeys({ lease: run.lease, scope, record: "member", feed: driverOf.member, ids: ["1"] }),
  claimKeys: (run) => run.claim(),
  saveRunPlace: (run, { storage, scope }) =>
    storage.saveRunPlace({ lease: run.lease, scope, work: "stale", place: "1" }),
  forgetSeenIds: (run, { storage, scope }) =>
    storage.forgetSeenIds({ lease: run.lease, scope, feed: "customers" }),
  stageBatch: (run) => run.stage("stale"),
  settleKeys: (run) =>
    run.settle([
      upserted({ id: "1", sequence: 0 }, 7, "stale"),
      { id: "2", sequence: 0, outcome: "rejected", rejection: rejectionOf("2") },
    ]),
  "settle with a function": (run, { storage, scope }) =>
    storage.settleKeys({
      lease: run.lease,
      scope,
      record: "member",
      feed: driverOf.member,
      batchId: null,
      settlement: async () => {
        const items = [upserted({ id: "1", sequence: 0 }, 7, "stale")];
        return { items, figures: figuresOf(items) };
      },
    }),
  endRun: (run) => run.end("completed"),
};

const names = Object.keys(verbs);

/** A stale owner writes nothing. */
export function describeFencing(fixture: StorageFixture): void {
  describe("fencing", () => {
    async function settled(): Promise<{ tenant: TenantUnderTest; run: RunUnderTest }> {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1"), entity("2")], cursor: cursorAt("good") });
      return { tenant, run };
    }

    it.each(names)("refuses %s under an expired lease, and changes nothing", async (name) => {
      const { tenant, run } = await settled();
      await fixture.expireLease(run.lease);
      const before = await snapshot(tenant, run);
      await expect(verbs[name]?.(run, tenant)).rejects.toBeInstanceOf(LeaseLostError);
      expect(await snapshot(tenant, run)).toEqual(before);
    });

    it.each(names)("refuses %s by an owner whose run was taken over, and changes nothing", async (name) => {
      const { tenant, run } = await settled();
      await fixture.expireLease(run.lease);
      const heir = await tenant.begin();
      const before = await snapshot(tenant, run);
      await expect(verbs[name]?.(run, tenant)).rejects.toBeInstanceOf(LeaseLostError);
      expect(await snapshot(tenant, run)).toEqual(before);
      expect(await heir.claimIds()).toEqual(["1", "2"]);
    });

    it.each(names)("refuses %s by an owner that has ended its run", async (name) => {
      const { tenant, run } = await settled();
      await run.end("paused");
      const before = await snapshot(tenant, run);
      await expect(verbs[name]?.(run, tenant)).rejects.toBeInstanceOf(LeaseLostError);
      expect(await snapshot(tenant, run)).toEqual(before);
    });

    it("calls no settlement function under a lost lease", async () => {
      const { tenant, run } = await settled();
      await fixture.expireLease(run.lease);
      let calls = 0;
      const settling = fixture.storage.settleKeys({
        lease: run.lease,
        scope: tenant.scope,
        record: "member",
        feed: driverOf.member,
        batchId: null,
        settlement: async () => {
          calls += 1;
          throw new Error("must not be called");
        },
      });
      await expect(settling).rejects.toBeInstanceOf(LeaseLostError);
      expect(calls).toBe(0);
    });
  });
}

/** Everything that a stale write could have changed and a reader can see. */
async function snapshot({ storage, scope, credential, rejections }: TenantUnderTest, run: RunUnderTest) {
  const ids = ["1", "2", "9"];
  return {
    run: await storage.findRun(run.run.id),
    current: await storage.findCurrentRun(credential.id),
    lastSyncAt: (await storage.findCredential(credential.id))?.lastSyncAt,
    cursors: [...(await storage.findCursors(scope))],
    entities: await storage.findEntities({ scope, feed: "customers", ids }),
    delivered: await storage.findDeliveredRecords({ scope, record: "member", ids }),
    places: [...(await storage.findRunPlaces({ scope, runId: run.run.id }))],
    batches: await storage.listStagedBatches(scope),
    rejections: await rejections(),
  };
}
