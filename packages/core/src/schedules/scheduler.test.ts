import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { storeCredential, transparentEncryptor } from "../__fixtures__/stored-credential.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Enqueued, SyncJob } from "../ports/job-queue.js";
import { silentLogger } from "../ports/logger.js";
import type { Schedule } from "../ports/schedule-store.js";
import type { StoredStart } from "../ports/start-ledger.js";
import { startsAfter } from "./first-start-after.js";
import { nominalInstants } from "./nominal-instants.js";
import { type Scheduler, startScheduler } from "./scheduler.js";

const minute = 60_000;
const begin = Date.UTC(2026, 2, 7);

/** A clock by which nobody wakes up: the test calls `tick` itself, and so passes days quickly. */
function stillClock() {
  let now = begin;
  return {
    now: () => now,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    async advance(ms: number): Promise<void> {
      now += ms;
    },
  };
}

async function setUp(given: Partial<Schedule> = {}) {
  const clock = stillClock();
  const storage = memoryStorage({ clock });
  const credential = await storeCredential(storage, transparentEncryptor());
  const times = {
    credentialId: credential.id,
    cron: null,
    every: "15m",
    timeZone: "America/Chicago",
    window: null,
    quietDays: [],
    enabled: true,
    ...given,
  };
  const [next] = startsAfter(times, clock.now(), 1);
  await storage.saveSchedule({
    schedule: {
      ...times,
      data: "both",
      fullEvery: null,
      ...given,
      nextNominalAt: next?.nominalAt ?? null,
      nextRunAt: next?.runAt ?? null,
      decidedUntil: clock.now(),
    },
    expectedRevision: null,
  });
  const jobs: (SyncJob & { readonly at: number })[] = [];
  let isWaiting = false;
  let ids = 0;
  const open = (): Scheduler =>
    startScheduler({
      storage,
      clock,
      logger: silentLogger,
      newId() {
        ids += 1;
        return `run-${ids}`;
      },
      queue: {
        async enqueue(job): Promise<Enqueued> {
          if (isWaiting) return { runId: "waits", outcome: "waiting" };
          jobs.push({ ...job, at: clock.now() });
          return { runId: job.runId, outcome: "queued" };
        },
      },
    });
  return {
    clock,
    storage,
    credential,
    times,
    jobs,
    open,
    /** Every second, all of these look for what is due. */
    async pass(ms: number, ...schedulers: readonly Scheduler[]): Promise<void> {
      for (let passed = 0; passed < ms; passed += 1000) {
        await clock.advance(1000);
        await Promise.all(schedulers.map((scheduler) => scheduler.tick()));
      }
    },
    keepWaiting: (waits: boolean) => {
      isWaiting = waits;
    },
    async ledger(): Promise<readonly StoredStart[]> {
      const { items } = await storage.listStarts({ credentialId: credential.id }, { limit: 100_000 });
      return [...items].reverse();
    },
  };
}

describe("the scheduler", () => {
  it("starts each nominal start once and in time, by any number of schedulers", async () => {
    const { clock, open, pass, jobs, ledger, times } = await setUp();
    const schedulers = [open(), open(), open()];
    await pass(60 * minute, ...schedulers);
    await Promise.all(schedulers.map((scheduler) => scheduler.close()));
    const due = startsAfter(times, begin, 9).filter(({ runAt }) => runAt <= clock.now());
    expect(due).toHaveLength(4);
    expect((await ledger()).map(({ nominalAt, outcome }) => [nominalAt, outcome])).toEqual(
      due.map(({ nominalAt }) => [nominalAt, "queued"]),
    );
    for (const [index, { at }] of jobs.entries()) {
      expect(at - (due[index]?.runAt ?? 0)).toBeGreaterThanOrEqual(0);
      expect(at - (due[index]?.runAt ?? 0)).toBeLessThanOrEqual(1000);
    }
  });

  it("catches up once, within 15 minutes, with what was missed while no scheduler was running", async () => {
    const { clock, open, pass, jobs, ledger } = await setUp({ every: "2h" });
    const first = open();
    await pass(minute, first);
    await first.close();
    await clock.advance(9 * 60 * minute);
    const second = open();
    await pass(15 * minute + 1000, second);
    await second.close();
    const missed = (await ledger()).filter(({ outcome }) => outcome === "missed");
    expect(missed).toMatchObject([
      { count: expect.toSatisfy((count: number) => count >= 4), runId: jobs[0]?.runId },
    ]);
    expect(jobs).toHaveLength(1);
  });

  it("skips a start while a sync of the credential waits, and records which one", async () => {
    const { open, pass, jobs, ledger, keepWaiting } = await setUp();
    keepWaiting(true);
    const scheduler = open();
    await pass(15 * minute, scheduler);
    await scheduler.close();
    expect(jobs).toEqual([]);
    expect(await ledger()).toMatchObject([{ outcome: "skipped", reason: "overlap", runId: "waits" }]);
  });

  it("starts nothing while the credential is paused, and does not catch up with that", async () => {
    const { open, pass, jobs, ledger, storage, credential } = await setUp();
    const scheduler = open();
    await storage.pauseCredential({
      credentialId: credential.id,
      reason: "moving",
      actor: "ann",
      until: null,
    });
    await pass(40 * minute, scheduler);
    await storage.resumeCredential(credential.id);
    await pass(15 * minute, scheduler);
    await scheduler.close();
    const outcomes = (await ledger()).map(({ outcome, reason }) => reason ?? outcome);
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set(["paused"]));
    expect(outcomes.at(-1)).toBe("queued");
    expect(jobs).toHaveLength(1);
  });

  it("reports that the storage fails, and tries again", async () => {
    const { storage, jobs } = await setUp({ every: "1m" });
    const clock = createFakeClock(begin);
    const errors: object[] = [];
    let fails = true;
    const scheduler = startScheduler({
      storage: {
        claimDueStarts: (params) =>
          fails ? Promise.reject(new Error("gone")) : storage.claimDueStarts(params),
      },
      queue: {
        async enqueue(job) {
          jobs.push({ ...job, at: clock.now() });
          return { runId: job.runId, outcome: "queued" };
        },
      },
      clock,
      newId: () => "run",
      logger: { ...silentLogger, error: (facts) => void errors.push(facts) },
    });
    await clock.advance(10_000);
    expect(errors).toHaveLength(3);
    fails = false;
    await clock.advance(minute);
    await scheduler.close();
    expect(jobs).toHaveLength(1);
  });

  it("lets a schedule that cannot be read hold up no other, and looks at it again later", async () => {
    const { clock, storage, open, pass, jobs, times } = await setUp({ every: "1m" });
    const other = await storeCredential(storage, transparentEncryptor(), {
      id: "broken",
      companyId: "birch",
    });
    await storage.saveSchedule({
      schedule: {
        ...times,
        credentialId: other.id,
        every: null,
        cron: "0 3 * * *",
        timeZone: "Mars/Olympus",
        data: "both",
        fullEvery: null,
        nextNominalAt: clock.now(),
        nextRunAt: clock.now(),
        decidedUntil: clock.now() - 1,
      },
      expectedRevision: null,
    });
    const scheduler = open();
    await pass(2 * minute, scheduler);
    await scheduler.close();
    expect(jobs.length).toBeGreaterThanOrEqual(1);
    expect(new Set(jobs.map(({ companyId }) => companyId))).toEqual(new Set(["acme"]));
    const postponed = await storage.findSchedule(other.id);
    expect(postponed).toMatchObject({ nextNominalAt: begin, decidedUntil: begin - 1 });
    expect(postponed?.nextRunAt).toBeGreaterThan(clock.now());
  });

  it("gives every nominal instant exactly one outcome, whatever is paused, missed or overlaps", async () => {
    const schedule = fc.constantFrom<Partial<Schedule>>(
      { every: "7m" },
      { every: "1h" },
      { every: null, cron: "*/20 * * * *" },
      { every: null, cron: "30 2 * * *" },
      { every: "10m", window: "22:00-05:00" },
      { every: null, cron: "0 */3 * * *", quietDays: ["2026-03-08"] },
    );
    const event = fc.record({
      hours: fc.integer({ min: 1, max: 9 }),
      what: fc.constantFrom("nothing", "down", "pause", "resume", "wait", "go on"),
    });
    await fc.assert(
      fc.asyncProperty(schedule, fc.array(event, { minLength: 3, maxLength: 8 }), async (given, events) => {
        const { clock, open, storage, credential, times, jobs, ledger, keepWaiting } = await setUp(given);
        const credentialId = credential.id;
        let scheduler = open();
        const down: [from: number, until: number][] = [];
        for (const { hours, what } of events) {
          if (what === "pause")
            await storage.pauseCredential({ credentialId, reason: "test", actor: "ann", until: null });
          if (what === "resume") await storage.resumeCredential(credentialId);
          if (what === "wait" || what === "go on") keepWaiting(what === "wait");
          if (what === "down") {
            await scheduler.close();
            const from = clock.now();
            await clock.advance(hours * 60 * minute);
            down.push([from, clock.now()]);
            scheduler = open();
            await scheduler.tick();
          } else {
            for (let passed = 0; passed < hours * 120; passed += 1) {
              await clock.advance(minute / 2);
              await scheduler.tick();
            }
          }
        }
        await clock.advance(1000);
        await scheduler.tick();
        await scheduler.close();
        const entries = await ledger();
        const decidedUntil = (await storage.findSchedule(credentialId))?.decidedUntil ?? 0;
        const covered = entries.flatMap(({ nominalAt, lastNominalAt }) =>
          instantsIn(times, nominalAt, lastNominalAt),
        );
        expect(covered).toEqual(instantsIn(times, begin + 1, decidedUntil));
        expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(covered.length);
        const wasDown = (time: number): boolean => down.some(([from, until]) => time > from && time < until);
        for (const entry of entries) {
          if (entry.outcome === "missed") expect(wasDown(entry.runAt)).toBe(true);
          if (entry.outcome === "queued") expect(wasDown(entry.runAt)).toBe(false);
        }
        const runs = jobs.map(({ runId }) => runId);
        expect(new Set(runs).size).toBe(runs.length);
        const started = entries.filter(({ outcome }) => outcome === "queued" || outcome === "delayed");
        expect(runs).toEqual(expect.arrayContaining(started.map(({ runId }) => runId)));
      }),
      { numRuns: 12 },
    );
  });
});

function instantsIn(
  times: Parameters<typeof nominalInstants>[0],
  from: number,
  until: number,
): readonly number[] {
  const instants = nominalInstants(times);
  const found: number[] = [];
  for (let at = instants.after(from - 1); at !== null && at <= until; at = instants.after(at)) found.push(at);
  return found;
}

describe("a scheduler that is closed", () => {
  const decided = { entries: [], schedules: 0 };

  it("waits for its current look at what is due", async () => {
    const clock = createFakeClock();
    const looked = Promise.withResolvers<typeof decided>();
    const scheduler = startScheduler({
      storage: { claimDueStarts: () => looked.promise },
      queue: { enqueue: () => Promise.reject(new Error("Nothing is due.")) },
      clock,
    });
    await clock.advance(1000);
    const events: string[] = [];
    const closed = scheduler.close().then(() => events.push("closed"));
    await clock.advance(7_999);
    events.push("looked");
    looked.resolve(decided);
    await closed;
    expect(events).toEqual(["looked", "closed"]);
  });

  it("waited for a database that did not answer, and kept its process from ending in time", async () => {
    const clock = createFakeClock();
    const scheduler = startScheduler({
      storage: { claimDueStarts: () => new Promise(() => undefined) },
      queue: { enqueue: () => Promise.reject(new Error("Nothing is due.")) },
      clock,
    });
    await clock.advance(1000);
    const closed = scheduler.close();
    await clock.advance(8_000);
    await closed;
  });
});
