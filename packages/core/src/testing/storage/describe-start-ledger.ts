import { describe, expect, it } from "vitest";
import type { Enqueued, SyncJob } from "../../ports/job-queue.js";
import type { Schedule, StoredSchedule } from "../../ports/schedule-store.js";
import type {
  ClaimedStarts,
  DueSchedule,
  Outage,
  StartDecision,
  StartLedgerEntry,
  StoredStart,
} from "../../ports/start-ledger.js";
import type { StorageFixture } from "./storage-fixture.js";
import { readAll, type TenantUnderTest } from "./tenant-under-test.js";

/** Only grows, as the time of schedulers does. */
let lastTime = Date.UTC(1995, 0, 1);

/** One outcome for each nominal start, whoever decides and wherever it dies. */
export function describeStartLedger(fixture: StorageFixture): void {
  describe("start ledger", () => {
    const newTime = (): number => {
      lastTime += 10_000_000;
      return lastTime;
    };

    const save = async (
      { credential }: TenantUnderTest,
      at: number | null,
      given: Partial<Schedule> = {},
    ): Promise<StoredSchedule> => {
      const before = await fixture.storage.findSchedule(credential.id);
      return await fixture.storage.saveSchedule({
        schedule: {
          credentialId: credential.id,
          cron: "* * * * *",
          every: null,
          timeZone: "UTC",
          window: null,
          quietDays: [],
          data: "both",
          fullEvery: null,
          enabled: true,
          nextNominalAt: at,
          nextRunAt: at,
          decidedUntil: (at ?? lastTime) - 1,
          ...given,
        },
        expectedRevision: before?.revision ?? null,
      });
    };

    const entryAt = (nominalAt: number, given: Partial<StartLedgerEntry> = {}): StartLedgerEntry => ({
      nominalAt,
      lastNominalAt: nominalAt,
      count: 1,
      outcome: "queued",
      reason: null,
      runAt: nominalAt,
      runId: `run-${nominalAt}`,
      decidedAt: nominalAt + 1,
      ...given,
    });

    const jobOf = ({ credentialId, companyId, data }: StoredSchedule, runId: string): SyncJob => ({
      runId,
      credentialId,
      companyId,
      type: "scheduled",
      data,
      mode: "incremental",
      fresh: false,
      rederive: false,
      replay: false,
      from: null,
      to: null,
      by: null,
      allowRemovals: false,
      actor: "scheduler",
      priority: "scheduled",
    });

    /** Starts what is due, and comes back a minute later. */
    const start = ({ schedule }: DueSchedule): StartDecision => {
      const nominalAt = schedule.nextNominalAt ?? 0;
      const next = nominalAt + 60_000;
      return {
        entries: [entryAt(nominalAt)],
        decidedUntil: nominalAt,
        next: { nominalAt: next, runAt: next + 5 },
        catchUp: null,
        job: jobOf(schedule, `run-${nominalAt}`),
      };
    };

    /** Of another test: stays due. */
    const leave = ({ schedule, catchUp }: DueSchedule): StartDecision => {
      const { decidedUntil, nextNominalAt, nextRunAt } = schedule;
      const next =
        nextNominalAt === null || nextRunAt === null ? null : { nominalAt: nextNominalAt, runAt: nextRunAt };
      return { entries: [], decidedUntil, next, catchUp, job: null };
    };

    const startOnce = (due: DueSchedule): StartDecision => ({ ...start(due), next: null });

    /** Schedules of other tests count among those that a claim looks at. */
    const endAllDue = (at: number): Promise<ClaimedStarts> =>
      fixture.storage.claimDueStarts({
        at,
        limit: 10_000,
        maxPerMinute: 1_000_000,
        outageAfterMs: Number.MAX_SAFE_INTEGER,
        enqueue: enqueueAlways,
        decide: (due) => ({ ...leave(due), next: null, catchUp: null }),
      });

    const enqueueAlways = async ({ runId }: SyncJob): Promise<Enqueued> => ({ runId, outcome: "queued" });

    interface Claim {
      readonly tenants: readonly TenantUnderTest[];
      readonly at: number;
      readonly limit?: number;
      readonly maxPerMinute?: number;
      readonly decide?: (due: DueSchedule, outage: Outage | null) => StartDecision;
      readonly enqueue?: (job: SyncJob, transaction: unknown) => Promise<Enqueued>;
    }

    const claim = ({ tenants, at, decide = start, ...given }: Claim): Promise<ClaimedStarts> => {
      const own = new Set(tenants.map(({ credential }) => credential.id));
      return fixture.storage.claimDueStarts({
        limit: 1000,
        maxPerMinute: 1_000_000,
        outageAfterMs: 120_000,
        enqueue: enqueueAlways,
        ...given,
        at,
        decide: (due, outage) => (own.has(due.schedule.credentialId) ? decide(due, outage) : leave(due)),
      });
    };

    const starts = ({ credential }: TenantUnderTest, limit = 3): Promise<readonly StoredStart[]> =>
      readAll((page) => fixture.storage.listStarts({ credentialId: credential.id }, { ...page, limit }));

    const find = ({ credential }: TenantUnderTest) => fixture.storage.findSchedule(credential.id);

    it("moves a due schedule on, writes its entry and enqueues its job", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      const saved = await save(tenant, at);
      const jobs: SyncJob[] = [];
      const claimed = await claim({
        tenants: [tenant],
        at,
        async enqueue(job) {
          jobs.push(job);
          return await enqueueAlways(job);
        },
      });
      const stored = {
        ...entryAt(at),
        credentialId: tenant.credential.id,
        companyId: tenant.scope.companyId,
      };
      expect(claimed.entries).toEqual([stored]);
      expect(jobs).toEqual([jobOf(saved, `run-${at}`)]);
      expect(await starts(tenant)).toEqual([stored]);
      expect(await find(tenant)).toEqual({
        ...saved,
        decidedUntil: at,
        nextNominalAt: at + 60_000,
        nextRunAt: at + 60_005,
      });
    });

    it("gives one outcome to each start, however many schedulers look at once", async () => {
      const at = newTime();
      const tenants = [await fixture.newTenant(), await fixture.newTenant()];
      for (const tenant of tenants) await save(tenant, at);
      const jobs: SyncJob[] = [];
      const enqueue = async (job: SyncJob): Promise<Enqueued> => {
        jobs.push(job);
        return await enqueueAlways(job);
      };
      const claimed = await Promise.all([1, 2, 3, 4].map(() => claim({ tenants, at, enqueue })));
      expect(claimed.flatMap(({ entries }) => entries)).toHaveLength(2);
      expect(jobs.map(({ credentialId }) => credentialId).sort()).toEqual(
        tenants.map(({ credential }) => credential.id).sort(),
      );
    });

    it("changes nothing when the queue fails", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      const saved = await save(tenant, at);
      const failing = claim({
        tenants: [tenant],
        at,
        enqueue: () => Promise.reject(new Error("The queue is gone.")),
      });
      await expect(failing).rejects.toThrow("The queue is gone.");
      expect(await find(tenant)).toEqual(saved);
      expect(await starts(tenant)).toEqual([]);
      expect((await claim({ tenants: [tenant], at })).entries).toHaveLength(1);
    });

    it("records a skipped start, under the run that waits, when a sync of the credential was waiting", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      await save(tenant, at);
      const enqueue = async (): Promise<Enqueued> => ({ runId: "earlier", outcome: "waiting" });
      expect((await claim({ tenants: [tenant], at, enqueue })).entries).toMatchObject([
        { outcome: "skipped", reason: "overlap", runId: "earlier" },
      ]);
    });

    it("decides only what is due and on, the longest overdue first", async () => {
      const at = newTime();
      const tenants: TenantUnderTest[] = [];
      for (const [time, enabled] of [
        [at, true],
        [at - 9, true],
        [at + 1, true],
        [at - 5, false],
        [null, true],
      ] as const) {
        const tenant = await fixture.newTenant();
        await save(tenant, time, { enabled });
        tenants.push(tenant);
      }
      const claimed = await claim({ tenants, at });
      const [first, second] = tenants;
      expect(claimed.entries.map(({ credentialId }) => credentialId)).toEqual([
        second?.credential.id,
        first?.credential.id,
      ]);
    });

    it("enqueues no more in a minute than allowed, and the rest afterwards", async () => {
      const at = newTime();
      await endAllDue(at);
      const tenants = await Promise.all([1, 2, 3].map(() => fixture.newTenant()));
      for (const tenant of tenants) await save(tenant, at);
      const claimAt = async (time: number) =>
        (await claim({ tenants, at: time, decide: startOnce, maxPerMinute: 2 })).entries.length;
      expect([await claimAt(at), await claimAt(at + 1), await claimAt(at + 60_001)]).toEqual([2, 0, 1]);
    });

    it("decides no more schedules than the limit", async () => {
      const at = newTime();
      await endAllDue(at);
      const tenants = await Promise.all([1, 2, 3].map(() => fixture.newTenant()));
      for (const tenant of tenants) await save(tenant, at);
      const claimOnce = async () => (await claim({ tenants, at, decide: startOnce, limit: 2 })).schedules;
      expect([await claimOnce(), await claimOnce(), await claimOnce()]).toEqual([2, 1, 0]);
    });

    it("knows a catch-up until it is due, and a saved schedule has none", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      await save(tenant, at);
      const later = { nominalAt: at + 900_000, runAt: at + 900_000 };
      const catchUp = { runId: "caught-up", runAt: at + 500 };
      const missed = entryAt(at, { outcome: "missed", runId: "caught-up" });
      const miss = (): StartDecision => ({
        entries: [missed],
        decidedUntil: at,
        next: later,
        catchUp,
        job: null,
      });
      expect((await claim({ tenants: [tenant], at, decide: miss })).entries).toMatchObject([missed]);
      const seen: DueSchedule[] = [];
      const look = (due: DueSchedule): StartDecision => {
        seen.push(due);
        return leave(due);
      };
      await claim({ tenants: [tenant], at: at + 499, decide: look });
      expect(seen).toEqual([]);
      await claim({ tenants: [tenant], at: at + 500, decide: look });
      expect(seen.map((due) => due.catchUp)).toEqual([catchUp]);
      await save(tenant, at + 900_000);
      await claim({ tenants: [tenant], at: at + 501, decide: look });
      expect(seen).toHaveLength(1);
    });

    it("keeps the starts that a change of the schedule gives up, but no second outcome", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      const saved = await save(tenant, at);
      await claim({ tenants: [tenant], at });
      const changed = entryAt(at + 60_000, { outcome: "skipped", reason: "changed", runId: null });
      await fixture.storage.saveSchedule({
        schedule: { ...saved, nextNominalAt: at + 999_000, nextRunAt: at + 999_000 },
        expectedRevision: saved.revision,
        decided: [entryAt(at, { outcome: "skipped", reason: "changed", runId: null }), changed],
      });
      expect(await starts(tenant, 1)).toMatchObject([changed, entryAt(at)]);
    });

    it("tells what decides: whether the credential is paused or refused", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      const credentialId = tenant.credential.id;
      await save(tenant, at);
      const seen: DueSchedule[] = [];
      const look = (due: DueSchedule): StartDecision => {
        seen.push(due);
        return leave(due);
      };
      await claim({ tenants: [tenant], at, decide: look });
      await fixture.storage.pauseCredential({ credentialId, reason: "moving", actor: "ann", until: null });
      await claim({ tenants: [tenant], at, decide: look });
      await fixture.storage.resumeCredential(credentialId);
      await claim({ tenants: [tenant], at, decide: look });
      expect(seen.map(({ state }) => state.pause?.reason ?? null)).toEqual([null, "moving", null]);
      expect(seen.map(({ state }) => state.resumedAt === null)).toEqual([true, true, false]);
      const state = await fixture.storage.findCredentialState(credentialId);
      expect(seen[0]?.state).toMatchObject({ connection: state?.connection, runs: state?.runs });
    });

    it("notices when no scheduler was running, and remembers the last time", async () => {
      const from = newTime();
      const tenant = await fixture.newTenant();
      const tick = async (at: number): Promise<Outage | null | undefined> => {
        let seen: Outage | null | undefined;
        await save(tenant, at);
        await claim({
          tenants: [tenant],
          at,
          decide(due, outage) {
            seen = outage;
            return start(due);
          },
        });
        return seen;
      };
      await tick(from);
      expect(await fixture.storage.findLastTick()).toBe(from);
      expect(await tick(from + 120_001)).toEqual({ from, until: from + 120_001 });
      expect(await tick(from + 200_000)).toEqual({ from, until: from + 120_001 });
      // A clock that is put back gives no sign of its own.
      await claim({ tenants: [], at: from - 500_000 });
      expect(await fixture.storage.findLastTick()).toBe(from + 200_000);
      lastTime = from + 200_000;
    });

    it("lists the newest first, and goes with its credential", async () => {
      const at = newTime();
      const tenant = await fixture.newTenant();
      await save(tenant, at);
      for (const minute of [0, 1, 2, 3]) await claim({ tenants: [tenant], at: at + minute * 60_000 + 5 });
      const times = (await starts(tenant)).map(({ nominalAt }) => nominalAt);
      expect(times).toEqual([3, 2, 1, 0].map((minute) => at + minute * 60_000));
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await starts(tenant)).toEqual([]);
    });
  });
}
