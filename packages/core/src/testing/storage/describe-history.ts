import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../ports/sync-run.js";
import { cursorAt, entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { readAll, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

/** Past runs: to list, to measure and to forget. */
export function describeHistory(fixture: StorageFixture): void {
  describe("history", () => {
    type Ended = Exclude<RunStatus, "queued" | "running">;

    /** Runs one after the other, so that each starts later than the one before. */
    async function runs(tenant: TenantUnderTest, ...statuses: readonly Ended[]): Promise<readonly string[]> {
      const ids: string[] = [];
      for (const status of statuses) {
        const run = await tenant.begin();
        await run.land({ entities: [entity("1"), entity("2")] });
        await fixture.passTime(5);
        await run.end(status);
        await fixture.passTime(5);
        ids.push(run.run.id);
      }
      return ids;
    }

    it("lists a credential's runs newest first, page by page", async () => {
      const tenant = await fixture.newTenant();
      const ids = await runs(tenant, "completed", "failed", "partial", "completed", "cancelled");
      for (const limit of [1, 2, 5, 100]) {
        const listed = await readAll(
          (page) => fixture.storage.listRuns({ credentialId: tenant.credential.id }, page),
          limit,
        );
        expect(listed.map((run) => run.id)).toEqual([...ids].reverse());
      }
    });

    it("filters runs", async () => {
      const tenant = await fixture.newTenant();
      const { companyId } = tenant.scope;
      const [first, second] = await runs(tenant, "completed", "failed");
      const third = await tenant.begin({ data: "customers" });
      const ids = async (
        filter: Parameters<typeof fixture.storage.listRuns>[0],
      ): Promise<readonly string[]> =>
        (await fixture.storage.listRuns({ companyId, ...filter }, { limit: 9 })).items.map((run) => run.id);
      expect(await ids({})).toEqual([third.run.id, second, first]);
      expect(await ids({ status: "failed" })).toEqual([second]);
      expect(await ids({ status: "running" })).toEqual([third.run.id]);
      expect(await ids({ data: "customers" })).toEqual([third.run.id]);
      expect(await ids({ type: "scheduled" })).toEqual([]);
      expect(await ids({ type: "manual", data: "both" })).toEqual([second, first]);
      expect(await ids({ from: third.run.startedAt })).toEqual([third.run.id]);
      expect(await ids({ to: third.run.startedAt })).toEqual([second, first]);
      expect(await ids({ credentialId: randomUUID() })).toEqual([]);
      expect(await ids({ companyIds: [companyId, "other"], status: "failed" })).toEqual([second]);
      expect(await ids({ companyIds: [] })).toEqual([]);
    });

    it("measures runs that have ended", async () => {
      const tenant = await fixture.newTenant();
      await runs(tenant, "completed", "partial", "failed", "cancelled");
      await (await tenant.begin()).end("paused");
      const measured = await fixture.storage.runMetrics({ credentialId: tenant.credential.id });
      expect(measured).toMatchObject({ runs: 4, successRate: 0.5 });
      expect(measured.p50DurationMs).toBeGreaterThan(0);
      expect(measured.p95DurationMs).toBeGreaterThanOrEqual(measured.p50DurationMs ?? Number.NaN);
      expect(measured.rowsPerSecond).toBeGreaterThan(0);
    });

    it("measures nothing where nothing has ended, and no speed where nothing succeeded", async () => {
      const tenant = await fixture.newTenant();
      const filter = { companyId: tenant.scope.companyId };
      await (await tenant.begin()).end("paused");
      const nothing = { p50DurationMs: null, p95DurationMs: null, rowsPerSecond: null };
      expect(await fixture.storage.runMetrics(filter)).toEqual({ runs: 0, successRate: null, ...nothing });
      await (await tenant.begin()).end("failed");
      expect(await fixture.storage.runMetrics(filter)).toEqual({ runs: 1, successRate: 0, ...nothing });
    });

    it("measures the days of several credentials", async () => {
      const [tenant, other] = [await fixture.newTenant(), await fixture.newTenant()];
      const [first] = await runs(tenant, "completed", "failed");
      await (await tenant.begin()).end("paused");
      const started = (await fixture.storage.findRun(first ?? ""))?.startedAt ?? Number.NaN;
      const day = 24 * 60 * 60 * 1000;
      const [from, to] = [started - day, started + day];
      const credentialIds = [tenant.credential.id, other.credential.id];
      const measured = await fixture.storage.dailyRunMetrics({ credentialIds, from, to });
      const sum = (figure: "runs" | "succeeded" | "rowsRead"): number =>
        measured.reduce((total, row) => total + row[figure], 0);
      // The runs may lie on both sides of midnight.
      expect(measured[0]).toMatchObject({
        credentialId: tenant.credential.id,
        day: new Date(started).toISOString().slice(0, 10),
        derived: 0,
        rejected: 0,
      });
      expect({ runs: sum("runs"), succeeded: sum("succeeded"), rowsRead: sum("rowsRead") }).toEqual({
        runs: 2,
        succeeded: 1,
        rowsRead: 4,
      });
      expect(measured[0]?.p50DurationMs).toBeGreaterThan(0);
      expect(await fixture.storage.dailyRunMetrics({ credentialIds, from, to: started })).toEqual([]);
      expect(await fixture.storage.dailyRunMetrics({ credentialIds: [], from, to })).toEqual([]);
    });

    async function remaining({ credential }: TenantUnderTest): Promise<readonly string[]> {
      const page = await fixture.storage.listRuns({ credentialId: credential.id }, { limit: 100 });
      return page.items.map((run) => run.id).reverse();
    }

    it("prunes runs that ended before a time, but not a credential's newest and last completed one", async () => {
      const tenant = await fixture.newTenant();
      const ids = await runs(tenant, "completed", "completed", "partial", "failed");
      const last = await fixture.storage.findRun(ids[3] ?? "");
      const pruned = await fixture.storage.pruneHistory({ runs: (last?.completedAt ?? 0) + 1 });
      expect(pruned.runs).toBeGreaterThanOrEqual(2);
      expect(await remaining(tenant)).toEqual([ids[1], ids[3]]);
    });

    it("prunes no run that ended later or has not ended", async () => {
      const tenant = await fixture.newTenant();
      const ids = await runs(tenant, "failed", "failed");
      const first = await fixture.storage.findRun(ids[0] ?? "");
      const paused = await tenant.begin();
      await paused.end("paused");
      await fixture.storage.pruneHistory({ runs: first?.completedAt ?? 0 });
      expect(await remaining(tenant)).toEqual([...ids, paused.run.id]);
      await fixture.storage.pruneHistory({ runs: (first?.completedAt ?? 0) + 1 });
      expect(await remaining(tenant)).toEqual([ids[1], paused.run.id]);
    });

    it("prunes completed runs that changed nothing by their own time", async () => {
      const tenant = await fixture.newTenant();
      const { storage } = fixture;
      const idle = await tenant.begin();
      await idle.end();
      const landed = await tenant.begin();
      await landed.land({ entities: [entity("1"), entity("2")] });
      await landed.end();
      const idleLand = await tenant.begin();
      await idleLand.land({ entities: [entity("1")] });
      await idleLand.end();
      const delivered = await tenant.begin();
      const [key] = await delivered.claim({ limit: 1 });
      await delivered.settle(key === undefined ? [] : [upserted(key, 1)]);
      await delivered.end();
      const rejecting = await tenant.begin();
      await rejecting.land({ rejections: [rejectionOf("7", { stage: "structure" })] });
      await rejecting.end();
      const full = await tenant.begin({ mode: "full" });
      await full.end();
      const failed = await tenant.begin();
      await failed.end("failed");
      const last = await tenant.begin();
      await last.end();
      const ended = (await storage.findRun(last.run.id))?.completedAt ?? Number.NaN;
      const pruned = await storage.pruneHistory({ idleRuns: ended + 1 });
      expect(pruned.runs).toBeGreaterThanOrEqual(2);
      expect(await remaining(tenant)).toEqual(
        [landed, delivered, rejecting, full, failed, last].map(({ run }) => run.id),
      );
    });

    it("ends runs that nobody has worked on for long, and forgets what they had seen", async () => {
      const { storage } = fixture;
      const [tenant, dead, other] = [
        await fixture.newTenant(),
        await fixture.newTenant(),
        await fixture.newTenant(),
      ];
      const before = await tenant.begin();
      await before.land({ entities: [entity("1"), entity("2")] });
      await before.end();
      const paused = await tenant.begin({ mode: "full" });
      await paused.land({ entities: [entity("1")], markSeen: true });
      await paused.end("paused");
      const died = await dead.begin();
      await fixture.expireLease(died.lease);
      await fixture.passTime(5);
      const alive = await other.begin();
      const recent = await fixture.newTenant();
      const resting = await recent.begin();
      const time = resting.run.startedAt;
      await fixture.passTime(5);
      await resting.heartbeat();
      await resting.end("paused");

      expect((await storage.pruneHistory({ pauses: time })).pauses).toBeGreaterThanOrEqual(2);
      const statusOf = async ({ run }: { run: { id: string } }) => (await storage.findRun(run.id))?.status;
      expect(await statusOf(paused)).toBe("cancelled");
      expect(await statusOf(died)).toBe("cancelled");
      expect(await statusOf(alive)).toBe("running");
      expect(await statusOf(resting)).toBe("paused");
      expect((await storage.findRun(paused.run.id))?.completedAt).not.toBeNull();
      // Nothing is lost: the next one starts again, and sees what is there.
      const next = await tenant.begin({ mode: "full" });
      expect(next.resumed).toBe(false);
      await next.land({ entities: [entity("2")], markSeen: true });
      expect(await next.sweep()).toMatchObject({ absent: 1, removed: 1 });
    });

    it("prunes the runs of a removed credential, the newest as well once nothing is kept of its tenant", async () => {
      const { storage } = fixture;
      const [kept, gone] = [await fixture.newTenant(), await fixture.newTenant()];
      const [, newest] = [await runs(kept, "completed"), await runs(kept, "failed")];
      await runs(gone, "completed");
      const empty = await fixture.newTenant();
      const run = await empty.begin();
      await run.end();
      for (const { credential } of [kept, empty]) {
        await storage.removeCredential({ id: credential.id, withData: false });
      }
      const ended = (await storage.findRun(run.run.id))?.completedAt ?? Number.NaN;
      await storage.pruneHistory({ runs: ended + 1 });
      expect(await remaining(kept)).toEqual(newest);
      expect(await storage.listTenants(kept.scope.companyId)).toHaveLength(1);
      expect(await remaining(gone)).toHaveLength(1);
      expect(await remaining(empty)).toEqual([]);
    });

    it("prunes payloads that can be derived again, and neither their rejections nor broken rows", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      const reject = (stage: "record" | "sink", id: string): Promise<void> =>
        run.settle([{ id, sequence: 0, outcome: "rejected", rejection: rejectionOf(id, { stage }) }]);
      await reject("record", "2");
      await reject("sink", "3");
      await reject("record", "4");
      await fixture.passTime(5);
      await reject("record", "4");
      const [last] = await tenant.rejections();
      const pruned = await fixture.storage.pruneHistory({ rejections: last?.lastSeenAt });
      expect(pruned.rejections).toBeGreaterThanOrEqual(2);
      const left = (await tenant.rejections()).map(({ entityId, stage, payload }) => [
        entityId,
        stage,
        payload,
      ]);
      expect(left).toEqual([
        ["4", "record", '{"id":4}'],
        ["3", "sink", null],
        ["2", "record", null],
        ["1", "structure", '{"id":1}'],
      ]);
    });

    it("keeps batches that no sink has acknowledged, and all that is still to be derived", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")], cursor: cursorAt("one") });
      await run.stage("batch", "content");
      await run.end("failed");
      const all = (run.run.completedAt ?? Date.now()) + 86_400_000_000;
      await fixture.storage.pruneHistory({ runs: all, idleRuns: all, rejections: all });
      const { storage, scope } = tenant;
      expect((await storage.listStagedBatches(scope)).map(({ content }) => content)).toEqual(["content"]);
      expect((await storage.findCursors(scope)).get("customers")).toEqual(cursorAt("one"));
      const next = await tenant.begin();
      expect(await next.claimIds()).toEqual(["1"]);
    });

    it("prunes audit entries by when they came", async () => {
      const { companyId } = (await fixture.newTenant()).scope;
      const audit = {
        actor: "system",
        action: "sync:start",
        companyId,
        outcome: "success",
        details: {},
      } as const;
      await fixture.storage.appendAudit({ ...audit, subject: "old" });
      await fixture.passTime(5);
      await fixture.storage.appendAudit({ ...audit, subject: "new" });
      const [noted] = (await fixture.storage.listAudit({ companyId }, { limit: 1 })).items;
      const pruned = await fixture.storage.pruneHistory({ audit: noted?.at });
      expect(pruned.runs).toBe(0);
      expect(pruned.audit).toBeGreaterThanOrEqual(1);
      const left = await fixture.storage.listAudit({ companyId }, { limit: 9 });
      expect(left.items.map((entry) => entry.subject)).toEqual(["new"]);
    });

    it("prunes nothing that it is not asked for", async () => {
      const tenant = await fixture.newTenant();
      const ids = await runs(tenant, "failed", "failed");
      expect(await fixture.storage.pruneHistory({})).toEqual({ runs: 0, pauses: 0, rejections: 0, audit: 0 });
      expect(await remaining(tenant)).toEqual(ids);
    });
  });
}
