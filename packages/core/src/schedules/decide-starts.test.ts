import { describe, expect, it } from "vitest";
import { noRunsState } from "../ledger/runs-state.js";
import type { RunsState } from "../ports/credential-state.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type { DueSchedule } from "../ports/start-ledger.js";
import { catchUpAt } from "./catch-up-at.js";
import { decideStarts } from "./decide-starts.js";
import { startsAfter } from "./first-start-after.js";

const day = 86_400_000;
const saved = Date.UTC(2026, 5, 1);

const scheduleOf = (given: Partial<StoredSchedule> = {}): StoredSchedule => ({
  credentialId: "credential-1",
  companyId: "acme",
  cron: "0 2 * * *",
  every: null,
  timeZone: "America/Chicago",
  window: null,
  quietDays: [],
  data: "both",
  fullEvery: "7d",
  enabled: true,
  nextNominalAt: null,
  nextRunAt: null,
  decidedUntil: saved,
  revision: 1,
  createdAt: saved,
  updatedAt: saved,
  ...given,
});

const dueOf = (given: Partial<StoredSchedule> = {}, runs: Partial<RunsState> = {}): DueSchedule => ({
  schedule: scheduleOf(given),
  catchUp: null,
  state: { connection: "connected", runs: { ...noRunsState, ...runs }, pause: null, resumedAt: null },
});

const firstRunAt = (given: Partial<StoredSchedule> = {}): number =>
  startsAfter(scheduleOf(given), saved, 1)[0]?.runAt ?? Number.NaN;

const decide = (due: DueSchedule, at: number, outage: { from: number; until: number } | null = null) =>
  decideStarts(due, { at, outage, newId: () => "run-1" });

describe("the decision about due starts", () => {
  it("makes the first load a bulk job, and every later incremental sync a scheduled one", () => {
    const at = firstRunAt();
    expect(decide(dueOf(), at).job).toMatchObject({ mode: "incremental", priority: "bulk", runId: "run-1" });
    expect(decide(dueOf({}, { lastFullStartedAt: at - 6 * day }), at).job).toMatchObject({
      mode: "incremental",
      priority: "scheduled",
      type: "scheduled",
      actor: "scheduler",
    });
  });

  it("runs a full pass at the start that finds it due, unless the schedule has none", () => {
    const at = firstRunAt();
    const runs = { lastFullStartedAt: at - 7 * day };
    expect(decide(dueOf({}, runs), at).job).toMatchObject({ mode: "full", priority: "bulk" });
    expect(decide(dueOf({ fullEvery: null }, runs), at).job).toMatchObject({ mode: "incremental" });
  });

  it("calls a start delayed that comes more than a minute late", () => {
    const at = firstRunAt();
    expect(decide(dueOf(), at + 60_000).entries).toMatchObject([{ outcome: "queued" }]);
    expect(decide(dueOf(), at + 60_001).entries).toMatchObject([{ outcome: "delayed", runId: "run-1" }]);
  });

  it("starts nothing for a refused credential, and does not catch up with it", () => {
    const at = firstRunAt();
    const due = dueOf();
    const refused = { ...due, state: { ...due.state, connection: "error" as const } };
    expect(decide(refused, at)).toMatchObject({
      entries: [{ outcome: "skipped", reason: "refused", runId: null }],
      job: null,
      catchUp: null,
    });
    const missing = { ...refused, catchUp: { runId: "caught-up", runAt: at - 1 } };
    expect(decide(missing, at)).toMatchObject({ job: null, catchUp: null });
  });

  it("catches up with missed starts once, at the chosen time, under the run that their entries name", () => {
    const at = firstRunAt() + 5 * day;
    const decision = decide(dueOf(), at, { from: saved, until: at + 1 });
    expect(decision.entries).toMatchObject([{ outcome: "missed", count: 6, runId: "run-1" }]);
    expect(decision.job).toBeNull();
    const { catchUp } = decision;
    expect(catchUp?.runAt).toBeGreaterThanOrEqual(at);
    expect(catchUp?.runAt).toBeLessThan(at + 15 * 60_000);
    const later = { ...dueOf({ decidedUntil: decision.decidedUntil }), catchUp };
    expect(decide(later, (catchUp?.runAt ?? 0) - 1)).toMatchObject({ job: null, catchUp });
    expect(decide(later, catchUp?.runAt ?? 0)).toMatchObject({
      job: { runId: "run-1" },
      catchUp: null,
      entries: [],
    });
  });

  it("lets the next nominal start do what a catch-up would, if that comes first", () => {
    const at = firstRunAt();
    const due = { ...dueOf(), catchUp: { runId: "caught-up", runAt: at + 60_000 } };
    expect(decide(due, at)).toMatchObject({
      entries: [{ outcome: "queued", runId: "caught-up" }],
      job: { runId: "caught-up" },
      catchUp: null,
    });
  });

  it("catches up only within the window and on no quiet day", () => {
    const given = { cron: "0 23 * * *", window: "22:00-23:30", quietDays: ["2026-06-03"], timeZone: "UTC" };
    const at = Date.UTC(2026, 5, 3, 9);
    const { catchUp } = decide(dueOf(given), at, { from: saved, until: at });
    const expected = catchUpAt(scheduleOf(given), at) ?? 0;
    expect(catchUp?.runAt).toBe(expected);
    expect(expected).toBeGreaterThanOrEqual(Date.UTC(2026, 5, 4, 22));
    expect(expected).toBeLessThan(Date.UTC(2026, 5, 4, 22, 15));
  });

  it("covers every nominal instant, grouping those skipped alike", () => {
    const given = {
      cron: "0 * * * *",
      window: "22:00-05:00",
      timeZone: "UTC",
      decidedUntil: Date.UTC(2026, 5, 1, 3),
    };
    const { entries, job } = decide(dueOf(given), Date.UTC(2026, 5, 1, 22, 59));
    expect(entries.map(({ count, outcome, reason }) => [count, reason ?? outcome])).toEqual([
      [1, "delayed"],
      [17, "outside-window"],
      [1, "overlap"],
    ]);
    expect(job).not.toBeNull();
  });
});
