import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AlertIncident } from "../../ports/alert-store.js";
import type { StartLedgerEntry } from "../../ports/start-ledger.js";
import { endRuns } from "./end-runs.js";
import { cursorAt, entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { readAll, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

/** More than any test has, so that a single step takes all of it. */
const limit = 1000;

/** What is forgotten of the past, and what never is. */
export function describeRetentionStore(fixture: StorageFixture): void {
  describe("pruning", () => {
    async function remaining({ credential }: TenantUnderTest): Promise<readonly string[]> {
      const page = await fixture.storage.listRuns({ credentialId: credential.id }, { limit: 100 });
      return page.items.map((run) => run.id).reverse();
    }

    const pruneRuns = (before: number): Promise<number> =>
      fixture.storage.pruneRuns({ before, limit, idleOnly: false });

    async function pruneSeenIds(): Promise<void> {
      for (;;) if ((await fixture.storage.pruneSeenIds({ limit })) === 0) return;
    }

    it("prunes runs that ended before a time, but not a credential's newest and last completed one", async () => {
      const tenant = await fixture.newTenant();
      const ids = await endRuns(fixture, tenant, "completed", "completed", "partial", "failed");
      const last = await fixture.storage.findRun(ids[3] ?? "");
      expect(await pruneRuns((last?.completedAt ?? 0) + 1)).toBeGreaterThanOrEqual(2);
      expect(await remaining(tenant)).toEqual([ids[1], ids[3]]);
    });

    it("prunes no run that ended later or has not ended", async () => {
      const tenant = await fixture.newTenant();
      const ids = await endRuns(fixture, tenant, "failed", "failed");
      const first = await fixture.storage.findRun(ids[0] ?? "");
      const paused = await tenant.begin();
      await paused.end("paused");
      await pruneRuns(first?.completedAt ?? 0);
      expect(await remaining(tenant)).toEqual([...ids, paused.run.id]);
      await pruneRuns((first?.completedAt ?? 0) + 1);
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
      const pruned = await storage.pruneRuns({ before: ended + 1, limit, idleOnly: true });
      expect(pruned).toBeGreaterThanOrEqual(2);
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

      expect(await storage.endAbandonedRuns({ before: time, limit })).toBeGreaterThanOrEqual(2);
      await pruneSeenIds();
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

    it("prunes the runs of a removed credential, even the newest once no other data of its tenant is stored", async () => {
      const { storage } = fixture;
      const [kept, gone] = [await fixture.newTenant(), await fixture.newTenant()];
      const [, newest] = [await endRuns(fixture, kept, "completed"), await endRuns(fixture, kept, "failed")];
      await endRuns(fixture, gone, "completed");
      const empty = await fixture.newTenant();
      const run = await empty.begin();
      await run.end();
      for (const { credential } of [kept, empty]) {
        await storage.removeCredential({ id: credential.id, withData: false });
      }
      const ended = (await storage.findRun(run.run.id))?.completedAt ?? Number.NaN;
      await pruneRuns(ended + 1);
      expect(await remaining(kept)).toEqual(newest);
      expect(await storage.listTenants(kept.scope.companyId)).toHaveLength(1);
      expect(await remaining(gone)).toHaveLength(1);
      expect(await remaining(empty)).toEqual([]);
    });

    it("prunes payloads that can be derived again, but not their rejections or broken rows", async () => {
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
      const before = last?.lastSeenAt ?? Number.NaN;
      const pruned = await fixture.storage.pruneRejectionPayloads({ before, limit });
      expect(pruned).toBeGreaterThanOrEqual(2);
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

    it("keeps batches that no sink has acknowledged, and everything still to be derived", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1")], cursor: cursorAt("one") });
      await run.stage("batch", "content");
      await run.end("failed");
      const all = (run.run.completedAt ?? Date.now()) + 86_400_000_000;
      const { storage, scope } = tenant;
      await pruneRuns(all);
      await storage.pruneRuns({ before: all, limit, idleOnly: true });
      await storage.pruneRejectionPayloads({ before: all, limit });
      expect((await storage.listStagedBatches(scope)).map(({ content }) => content)).toEqual(["content"]);
      expect((await storage.findCursors(scope)).get("customers")).toEqual(cursorAt("one"));
      const next = await tenant.begin();
      expect(await next.claimIds()).toEqual(["1"]);
    });

    it("prunes audit entries by when they were added", async () => {
      const tenant = await fixture.newTenant();
      const { companyId } = tenant.scope;
      const audit = auditEntry(tenant);
      await fixture.storage.appendAudit({ ...audit, subject: "old" });
      await fixture.passTime(5);
      await fixture.storage.appendAudit({ ...audit, subject: "new" });
      const [noted] = (await fixture.storage.listAudit({ companyId }, { limit: 1 })).items;
      const pruned = await fixture.storage.pruneAudit({ before: noted?.at ?? Number.NaN, limit });
      expect(pruned).toBeGreaterThanOrEqual(1);
      const left = await fixture.storage.listAudit({ companyId }, { limit: 9 });
      expect(left.items.map((entry) => entry.subject)).toEqual(["new"]);
    });

    it("deletes the oldest first, no more than the limit, and returns 0 when nothing is left", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      await fixture.passTime(5);
      const ids = await endRuns(fixture, tenant, "failed", "failed", "failed", "failed");
      const last = await tenant.begin();
      const reject = (id: string): Promise<void> =>
        last.settle([{ id, sequence: 0, outcome: "rejected", rejection: rejectionOf(id) }]);
      for (const id of ["1", "2", "3"]) {
        await reject(id);
        await fixture.passTime(5);
        await storage.appendAudit({ ...auditEntry(tenant), subject: id });
        await fixture.passTime(5);
      }
      await last.end("failed");
      const before = ((await storage.findRun(last.run.id))?.completedAt ?? Number.NaN) + 1;
      // Until only what this test wrote is left: the oldest of others would be taken first.
      const ofOthers = (await storage.findRun(ids[0] ?? ""))?.startedAt ?? Number.NaN;
      await pruneRuns(ofOthers);
      await storage.pruneRejectionPayloads({ before: ofOthers, limit });
      await storage.pruneAudit({ before: ofOthers, limit });

      expect(await storage.pruneRuns({ before, limit: 2, idleOnly: false })).toBe(2);
      expect(await remaining(tenant)).toEqual([ids[2], ids[3], last.run.id]);
      expect(await storage.pruneRuns({ before, limit: 3, idleOnly: false })).toBe(2);
      expect(await storage.pruneRuns({ before, limit: 3, idleOnly: false })).toBe(0);

      expect(await storage.pruneRejectionPayloads({ before, limit: 2 })).toBe(2);
      const left = (await tenant.rejections()).filter(({ payload }) => payload !== null);
      expect(left.map(({ entityId }) => entityId)).toEqual(["3"]);
      expect(await storage.pruneRejectionPayloads({ before, limit: 2 })).toBe(1);
      expect(await storage.pruneRejectionPayloads({ before, limit: 2 })).toBe(0);

      expect(await storage.pruneAudit({ before, limit: 2 })).toBe(2);
      const { items } = await storage.listAudit({ companyId: tenant.scope.companyId }, { limit: 9 });
      expect(items.map(({ subject }) => subject)).toEqual(["3"]);
      expect(await storage.pruneAudit({ before, limit: 2 })).toBe(1);
      expect(await storage.pruneAudit({ before, limit: 2 })).toBe(0);
    });

    it("ends no more abandoned runs at once than the limit", async () => {
      const { storage } = fixture;
      const runs: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        const run = await (await fixture.newTenant()).begin();
        await run.end("paused");
        runs.push(run.run.id);
      }
      await fixture.passTime(5);
      const last = await (await fixture.newTenant()).begin();
      const ended = async (): Promise<number> => {
        const found = await Promise.all(runs.map((id) => storage.findRun(id)));
        return found.filter((run) => run?.status === "cancelled").length;
      };
      // Runs of other tests may be among them, at any time: their leases expire meanwhile.
      for (let count = limit; count > 0; ) {
        const before = await ended();
        count = await storage.endAbandonedRuns({ before: last.run.startedAt, limit: 2 });
        expect(count).toBeLessThanOrEqual(2);
        expect((await ended()) - before).toBeLessThanOrEqual(count);
      }
      expect(await ended()).toBe(3);
    });

    it("prunes entries of the start ledger by when they were decided, the oldest first", async () => {
      const { storage, credential } = await fixture.newTenant();
      // Older than the entries of all other tests.
      const at = Date.UTC(1980, 0, 1);
      const decided = [0, 1, 2].map((minute): StartLedgerEntry => {
        const nominalAt = at + minute * 60_000;
        const instants = { nominalAt, lastNominalAt: nominalAt, runAt: nominalAt, decidedAt: at + minute };
        return { ...instants, count: 1, outcome: "skipped", reason: "changed", runId: null };
      });
      await storage.saveSchedule({
        schedule: {
          credentialId: credential.id,
          cron: "0 3 * * *",
          every: null,
          timeZone: "UTC",
          window: null,
          quietDays: [],
          data: "both",
          fullEvery: null,
          enabled: false,
          nextNominalAt: null,
          nextRunAt: null,
          decidedUntil: at,
        },
        expectedRevision: null,
        decided,
      });
      const left = async () =>
        (await storage.listStarts({ credentialId: credential.id }, { limit: 10 })).items.map(
          ({ decidedAt }) => decidedAt,
        );
      expect(await storage.pruneStarts({ before: at + 2, limit: 1 })).toBe(1);
      expect(await left()).toEqual([at + 2, at + 1]);
      expect(await storage.pruneStarts({ before: at + 2, limit: 5 })).toBe(1);
      expect(await storage.pruneStarts({ before: at + 2, limit: 5 })).toBe(0);
      expect(await left()).toEqual([at + 2]);
    });

    it("prunes closed incidents of alerts, silences that ended and old messages, never an open incident", async () => {
      const { storage } = fixture;
      const long = Date.UTC(1990, 0, 1);
      const incidents = [null, 1, 2].map(
        (closed): AlertIncident => ({
          ...{ id: randomUUID(), kind: "late", cause: "late", severity: "warning", openedAt: long, level: 0 },
          closedAt: closed === null ? null : long + closed,
          ...{ lastMessageAt: long, acknowledgedAt: null, acknowledgedBy: null, companyIds: [] },
        }),
      );
      const { revision } = await storage.readAlerts({ incidentsSince: long });
      const empty = { alerts: [], removed: [], messages: [] };
      await storage.commitAlertTick({ expectedRevision: revision, at: long, incidents, ...empty });
      const left = async () => {
        const known = (await storage.readAlerts({ incidentsSince: long })).incidents;
        return incidents.map(({ id }) => known.some((incident) => incident.id === id));
      };
      expect(await storage.pruneAlerts({ before: long + 3, limit: 1 })).toBe(1);
      expect(await left()).toEqual([true, false, true]);
      expect(await storage.pruneAlerts({ before: long + 3, limit: 5 })).toBe(1);
      expect(await storage.pruneAlerts({ before: long + 3, limit: 5 })).toBe(0);
      expect(await left()).toEqual([true, false, false]);

      const channel = randomUUID();
      const message = { channel, incidentId: null, body: "{}" };
      await storage.addMessages([{ ...message, key: "old" }]);
      await storage.addSilence({
        ...{ id: channel, kind: null, companyId: null, reason: "over", actor: "ann" },
        until: (await storage.readAlerts({ incidentsSince: 0 })).now - 1,
      });
      await fixture.passTime(5);
      const { now } = await storage.readAlerts({ incidentsSince: 0 });
      await fixture.passTime(5);
      await storage.addMessages([{ ...message, key: "new" }]);
      for (let taken = 1; taken > 0; ) taken = await storage.pruneAlerts({ before: now, limit: 100 });
      const messages = await readAll((page) => storage.listMessages({ channel }, page));
      expect(messages.map(({ key }) => key)).toEqual(["new"]);
      const silences = await readAll((page) => storage.listSilences(page));
      expect(silences.some(({ id }) => id === channel)).toBe(false);
    });

    it("prunes accepted run ids by the time at which they were stored, the oldest first", async () => {
      const { storage } = fixture;
      const { run } = await (await fixture.newTenant()).begin();
      const ids = ["1", "2", "3"].map((number) => `${run.id} ${number}`);
      const [first = "", second = "", third = ""] = ids;
      const { startedAt } = run;
      await storage.pruneAcceptedRuns({ before: startedAt + 1, limit });
      let before = startedAt;
      for (const acceptedId of ids) {
        await fixture.passTime(5);
        const later = await (await fixture.newTenant()).begin();
        before = later.run.startedAt;
        await fixture.passTime(5);
        await storage.recordAcceptedRun({ acceptedId, runId: run.id });
      }
      expect(await storage.pruneAcceptedRuns({ before, limit: 1 })).toBe(1);
      expect(await storage.findRun(first)).toBeNull();
      expect((await storage.findRun(second))?.id).toBe(run.id);
      expect(await storage.pruneAcceptedRuns({ before, limit: 5 })).toBe(1);
      expect(await storage.pruneAcceptedRuns({ before, limit: 5 })).toBe(0);
      expect((await storage.findRun(third))?.id).toBe(run.id);
    });
  });
}

function auditEntry({ scope: { companyId } }: TenantUnderTest) {
  return { actor: "system", action: "sync:start", companyId, outcome: "success", details: {} } as const;
}
