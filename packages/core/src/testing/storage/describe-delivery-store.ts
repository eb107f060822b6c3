import { describe, expect, it } from "vitest";
import type { SettledItem } from "../../ports/delivery-store.js";
import { entity, figuresOf, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { driverOf, type RunUnderTest, readAll, type TenantUnderTest } from "./tenant-under-test.js";

/** What settling keeps: the delivered state, the stored batches and the figures, all or nothing. */
export function describeDeliveryStore(fixture: StorageFixture): void {
  describe("delivery", () => {
    async function listed(...ids: string[]): Promise<{ tenant: TenantUnderTest; run: RunUnderTest }> {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: ids.map((id) => entity(id)) });
      return { tenant, run };
    }

    async function settleNext(
      run: RunUnderTest,
      settle: (key: { id: string; sequence: number }) => SettledItem,
    ): Promise<void> {
      await run.settle((await run.claim()).map(settle));
    }

    const delivered = ({ storage, scope }: TenantUnderTest, ...ids: string[]) =>
      storage.findDeliveredRecords({ scope, record: "member", ids });

    const currentIds = async ({ storage, scope }: TenantUnderTest): Promise<readonly string[]> => {
      const { companyId } = scope;
      const records = await readAll((page) => storage.listRecords({ record: "member", companyId }, page));
      return records.map((record) => record.id);
    };

    it("keeps what was delivered", async () => {
      const { tenant, run } = await listed("1", "2");
      await settleNext(run, (key) => upserted(key, 1, `name ${key.id}`));
      const found = await delivered(tenant, "2", "1", "3", "1");
      expect([...found].sort((left, right) => Number(left.id) - Number(right.id))).toEqual([
        { id: "1", contentHash: "record hash of 1 name 1", revision: 1, removed: false },
        { id: "2", contentHash: "record hash of 2 name 2", revision: 1, removed: false },
      ]);
      expect(
        await tenant.storage.findDeliveredRecords({ scope: tenant.scope, record: "invoice", ids: ["1"] }),
      ).toEqual([]);
    });

    it("stores nothing for items that were unchanged, left out or rejected", async () => {
      const { tenant, run } = await listed("1", "2", "3");
      const outcomes: Readonly<Record<string, (key: { id: string; sequence: number }) => SettledItem>> = {
        "1": (key) => ({ ...key, outcome: "unchanged" }),
        "2": (key) => ({ ...key, outcome: "left-out" }),
        "3": (key) => ({
          ...key,
          outcome: "rejected",
          rejection: {
            feed: "customers",
            entityId: key.id,
            stage: "record",
            rules: ["address"],
            message: "zip is missing",
            payload: null,
          },
        }),
      };
      await settleNext(run, (key) => outcomes[key.id]?.(key) ?? { ...key, outcome: "unchanged" });
      expect(await delivered(tenant, "1", "2", "3")).toEqual([]);
      expect(await run.claim()).toEqual([]);
    });

    it("keeps what was delivered before of a record that is now rejected", async () => {
      const { tenant, run } = await listed("1");
      await settleNext(run, (key) => upserted(key, 1, "good"));
      await run.land({ entities: [entity("1", "bad")] });
      const rejection = {
        feed: "customers",
        entityId: "1",
        stage: "record",
        rules: ["names"],
        message: "no name",
        payload: null,
      } as const;
      await settleNext(run, (key) => ({ ...key, outcome: "rejected", rejection }));
      expect(await delivered(tenant, "1")).toMatchObject([
        { revision: 1, contentHash: "record hash of 1 good" },
      ]);
      expect(await currentIds(tenant)).toEqual(["1"]);
    });

    it("increases the revision over a removal and a return", async () => {
      const { tenant, run } = await listed("1");
      const next = async (
        content: string,
        settle: (key: { id: string; sequence: number }) => SettledItem,
      ) => {
        await run.land({ entities: [entity("1", content)] });
        await settleNext(run, settle);
        return await delivered(tenant, "1");
      };
      expect(await next("a", (key) => upserted(key, 1, "a"))).toMatchObject([
        { revision: 1, removed: false },
      ]);
      expect(await next("b", (key) => ({ ...key, outcome: "removed", revision: 2 }))).toEqual([
        { id: "1", contentHash: null, revision: 2, removed: true },
      ]);
      expect(await currentIds(tenant)).toEqual([]);
      expect(await next("c", (key) => upserted(key, 3, "c"))).toMatchObject([
        { contentHash: "record hash of 1 c", revision: 3, removed: false },
      ]);
      expect(await currentIds(tenant)).toEqual(["1"]);
    });

    it("never goes back to a lower revision", async () => {
      const { tenant, run } = await listed("1");
      await settleNext(run, (key) => upserted(key, 5, "newest"));
      await run.settle([upserted({ id: "1", sequence: 0 }, 4, "older")]);
      await run.settle([{ id: "1", sequence: 0, outcome: "removed", revision: 3 }]);
      expect(await delivered(tenant, "1")).toMatchObject([
        { revision: 5, contentHash: "record hash of 1 newest", removed: false },
      ]);
    });

    it("claims a key at a revision above the last delivered one, even if that was a removal", async () => {
      const { run } = await listed("1", "2");
      const far = Number.MAX_SAFE_INTEGER - 10;
      await settleNext(run, (key) =>
        key.id === "1" ? upserted(key, far) : { ...key, outcome: "removed", revision: far + 3 },
      );
      await run.land({ entities: [entity("1", "second"), entity("2", "second")] });
      expect((await run.claim()).map(({ id, revision }) => [id, revision])).toEqual([
        ["1", far + 1],
        ["2", far + 4],
      ]);
    });

    it("claims a record that was delivered before its tenant's data was removed at a higher revision", async () => {
      const { tenant, run } = await listed("1");
      const [first] = await run.claim();
      await run.settle(first === undefined ? [] : [upserted(first, first.revision)]);
      await run.end();
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: true });
      await fixture.passTime(1);
      const again = await (await fixture.newTenant({ ...tenant.scope })).begin();
      await again.land({ entities: [entity("1")] });
      const [second] = await again.claim();
      expect(second?.revision).toBeGreaterThan(first?.revision ?? Number.NaN);
    });

    it("adds to the run's figures of each record type", async () => {
      const { tenant, run } = await listed("1", "2", "3");
      const settled = (await run.claim()).map((key): SettledItem => upserted(key, 1));
      await run.settle(settled.slice(0, 2), { figures: { ...figuresOf(settled.slice(0, 2)), warned: 1 } });
      await run.settle(settled.slice(2));
      const stored = await tenant.storage.findRun(run.run.id);
      expect(stored?.records).toEqual({
        member: { derived: 3, delivered: 3, removed: 0, unchanged: 0, leftOut: 0, rejected: 0, warned: 1 },
      });
    });

    it("sums findings name by name, and stores nothing if there are none", async () => {
      const { tenant, run } = await listed("1", "2", "3");
      const [first, second, third] = (await run.claim()).map((key): SettledItem => upserted(key, 1));
      const settle = (
        items: readonly (SettledItem | undefined)[],
        counts?: Readonly<Record<string, number>>,
      ) => {
        const known = items.filter((item) => item !== undefined);
        return run.settle(known, { figures: { ...figuresOf(known), ...(counts && { counts }) } });
      };
      await settle([first]);
      expect((await tenant.storage.findRun(run.run.id))?.records.member).not.toHaveProperty("counts");
      await settle([second], { "empty:zone": 2, "warned:phones": 1 });
      await settle([third], { "empty:zone": 1, "empty:added": 0, 'it\'s "odd"': 3 });
      expect((await tenant.storage.findRun(run.run.id))?.records.member?.counts).toEqual({
        "empty:zone": 3,
        "empty:added": 0,
        "warned:phones": 1,
        'it\'s "odd"': 3,
      });
    });

    it("can settle an empty batch", async () => {
      const { tenant, run } = await listed();
      await run.settle([]);
      expect(await delivered(tenant, "1")).toEqual([]);
    });

    it("stores what a settlement function returns", async () => {
      const { tenant, run } = await listed("1");
      const items = (await run.claim()).map((key) => upserted(key, 1));
      await tenant.storage.settleKeys({
        lease: run.lease,
        scope: tenant.scope,
        record: "member",
        feed: driverOf.member,
        batchId: null,
        settlement: async (transaction) => {
          expect(transaction).toBeDefined();
          return { items, figures: figuresOf(items) };
        },
      });
      expect(await delivered(tenant, "1")).toMatchObject([{ revision: 1 }]);
      expect(await run.claim()).toEqual([]);
    });

    it("changes nothing if the settlement function fails, and passes its error on", async () => {
      const { tenant, run } = await listed("1");
      await run.claim();
      await run.stage("batch");
      const failure = new Error("the sink is down");
      const settling = tenant.storage.settleKeys({
        lease: run.lease,
        scope: tenant.scope,
        record: "member",
        feed: driverOf.member,
        batchId: "batch",
        settlement: () => Promise.reject(failure),
      });
      await expect(settling).rejects.toBe(failure);
      expect(await delivered(tenant, "1")).toEqual([]);
      expect(await tenant.storage.listStagedBatches(tenant.scope)).toHaveLength(1);
      expect((await tenant.storage.findRun(run.run.id))?.records).toEqual({});
      await run.end("paused");
      expect(await (await tenant.begin()).claimIds()).toEqual(["1"]);
    });

    it("lets a settlement function try parts, even nested: a failing part rolls back only itself", async () => {
      const { tenant, run } = await listed("1");
      const items = (await run.claim()).map((key) => upserted(key, key.revision));
      const failure = new Error("refused");
      const settling = tenant.storage.settleKeys({
        lease: run.lease,
        scope: tenant.scope,
        record: "member",
        feed: driverOf.member,
        batchId: null,
        settlement: async (_transaction, attempt) => {
          const answer = await attempt(async () => {
            await expect(attempt(() => Promise.reject(failure))).rejects.toBe(failure);
            return "good";
          });
          expect(answer).toBe("good");
          await expect(attempt(() => Promise.reject(failure))).rejects.toBe(failure);
          return { items, figures: figuresOf(items) };
        },
      });
      await settling;
      expect(await delivered(tenant, "1")).toHaveLength(1);
    });

    it("keeps a rejected key queued if requested, for the next owner and not for this one", async () => {
      const { tenant, run } = await listed("1", "2");
      const items = (await run.claim()).map(
        (key): SettledItem => ({
          ...key,
          outcome: "rejected",
          staysPending: key.id === "1",
          rejection: {
            feed: "customers",
            entityId: key.id,
            stage: "sink",
            rules: ["sink"],
            message: "busy",
            payload: null,
          },
        }),
      );
      await run.settle(items);
      expect(await tenant.rejections()).toHaveLength(2);
      expect(await run.claim()).toEqual([]);
      await run.end("paused");
      expect(await (await tenant.begin()).claimIds()).toEqual(["1"]);
    });

    it("claims the keys of a kept batch again for each owner", async () => {
      const { tenant, run } = await listed("1", "2", "3");
      await run.claim();
      await run.stage("kept", "first");
      await run.end("paused");
      const next = await tenant.begin();
      await next.stage("kept", "second", ["1", "3", "4"]);
      expect(await next.claimIds()).toEqual(["2"]);
      expect(await tenant.storage.listStagedBatches(tenant.scope)).toMatchObject([{ content: "first" }]);
      await next.settle([{ id: "1", sequence: 0, outcome: "left-out" }], { batchId: "kept" });
      expect(await next.claimIds()).toEqual(["1"]);
    });

    it("keeps batches in the order in which they were stored, byte for byte, until they are settled", async () => {
      const { tenant, run } = await listed("1");
      const content = '{"items":[{"key":"1","note":"Zoë 💧"}] }';
      await run.stage("b", content);
      await run.stage("a", "second");
      const { storage, scope } = tenant;
      expect(await storage.listStagedBatches(scope)).toEqual([
        { id: "b", record: "member", content },
        { id: "a", record: "member", content: "second" },
      ]);
      await run.settle([], { batchId: "b" });
      expect((await storage.listStagedBatches(scope)).map((batch) => batch.id)).toEqual(["a"]);
    });

    it("drops a batch that was acknowledged outside a run, and no other", async () => {
      const { tenant, run } = await listed();
      await run.stage("a");
      await run.stage("b");
      await run.end();
      const { storage, scope } = tenant;
      for (const batchId of ["a", "a", "unknown"]) await storage.acknowledgeBatch({ scope, batchId });
      const { scope: other } = await fixture.newTenant();
      await storage.acknowledgeBatch({ scope: other, batchId: "b" });
      expect((await storage.listStagedBatches(scope)).map((batch) => batch.id)).toEqual(["b"]);
    });

    it("keeps stored batches beyond the end of their run", async () => {
      const { tenant, run } = await listed();
      await run.stage("a");
      await run.end("failed", { code: "SINK", message: "down", hint: null });
      expect(await tenant.storage.listStagedBatches(tenant.scope)).toHaveLength(1);
      const next = await tenant.begin();
      await next.settle([], { batchId: "a" });
      expect(await tenant.storage.listStagedBatches(tenant.scope)).toEqual([]);
    });
  });
}
