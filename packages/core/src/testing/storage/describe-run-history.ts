import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { endRuns } from "./end-runs.js";
import type { StorageFixture } from "./storage-fixture.js";
import { leaseMs, readAll } from "./tenant-under-test.js";

/** Past runs and leases: to list and to measure. */
export function describeRunHistory(fixture: StorageFixture): void {
  describe("run history", () => {
    it("lists a credential's runs newest first, page by page", async () => {
      const tenant = await fixture.newTenant();
      const ids = await endRuns(fixture, tenant, "completed", "failed", "partial", "completed", "cancelled");
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
      const [first, second] = await endRuns(fixture, tenant, "completed", "failed");
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
      await endRuns(fixture, tenant, "completed", "partial", "failed", "cancelled");
      await (await tenant.begin()).end("paused");
      const sums = await fixture.storage.sumRuns({ credentialId: tenant.credential.id });
      expect(sums).toMatchObject({ runs: 4, succeeded: 2, rowsRead: 4 });
      expect(sums.p50DurationMs).toBeGreaterThan(0);
      expect(sums.p95DurationMs).toBeGreaterThanOrEqual(sums.p50DurationMs ?? Number.NaN);
      expect(sums.durationMs).toBe((sums.p50DurationMs ?? Number.NaN) + (sums.p95DurationMs ?? Number.NaN));
    });

    it("computes percentiles of successful runs by nearest rank, over all runs and per day", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const credentialId = tenant.credential.id;
      const durations: number[] = [];
      let day = "";
      for (const [index, ms] of [30, 5, 20, 12, 40].entries()) {
        const run = await tenant.begin();
        await fixture.passTime(ms);
        const { startedAt, completedAt } = await run.end(index % 2 === 0 ? "completed" : "partial");
        await endRuns(fixture, tenant, "failed");
        const startedOn = new Date(startedAt).toISOString().slice(0, 10);
        // Midnight has passed: all that counts of the new day is what comes now.
        const isNewDay = startedOn !== day;
        day = startedOn;
        durations.push((completedAt ?? Number.NaN) - startedAt);
        const ascending = durations.toSorted((left, right) => left - right);
        expect(await storage.sumRuns({ credentialId })).toMatchObject({
          succeeded: ascending.length,
          p50DurationMs: ascending[Math.ceil(ascending.length / 2) - 1],
          p95DurationMs: ascending.at(-1),
        });
        if (index > 0 && isNewDay) return;
        const daily = await storage.dailyRunMetrics({
          credentialIds: [credentialId],
          from: 0,
          to: startedAt + 1,
        });
        expect(daily[0]?.p50DurationMs).toBe(ascending[Math.ceil(ascending.length / 2) - 1]);
      }
    });

    it("returns no metrics if no run has ended, and no durations if none succeeded", async () => {
      const tenant = await fixture.newTenant();
      const filter = { companyId: tenant.scope.companyId };
      await (await tenant.begin()).end("paused");
      const none = { succeeded: 0, rowsRead: 0, durationMs: 0, p50DurationMs: null, p95DurationMs: null };
      expect(await fixture.storage.sumRuns(filter)).toEqual({ runs: 0, ...none });
      await endRuns(fixture, tenant, "failed");
      expect(await fixture.storage.sumRuns(filter)).toEqual({ runs: 1, ...none });
    });

    it("measures the days of several credentials", async () => {
      const [tenant, other] = [await fixture.newTenant(), await fixture.newTenant()];
      const [first] = await endRuns(fixture, tenant, "completed", "failed");
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

    it("returns who has a credential's lease, and for how long", async () => {
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

    it("returns null for unknown ids", async () => {
      expect(await fixture.storage.findRun(randomUUID())).toBeNull();
      expect(await fixture.storage.findCurrentRun(randomUUID())).toBeNull();
    });
  });
}
