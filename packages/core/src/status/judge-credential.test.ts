import { describe, expect, test } from "vitest";
import { noRunsState, stateAfterRun } from "../ledger/runs-state.js";
import type { RunsState, StoredCredentialState } from "../ports/credential-state.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type { StoredRun } from "../ports/sync-run.js";
import { jitterOf } from "../schedules/jitter.js";
import { defaultRequest } from "../testing/storage/samples.js";
import { judgeCredential } from "./judge-credential.js";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const midnight = Date.UTC(2026, 5, 10);

/** Every night at 02:00. */
const nightly: StoredSchedule = {
  credentialId: "c-1",
  companyId: "acme",
  cron: "0 2 * * *",
  every: null,
  timeZone: "UTC",
  window: null,
  quietDays: [],
  enabled: true,
  data: "customers",
  fullEvery: null,
  nextNominalAt: null,
  decidedUntil: 0,
  nextRunAt: null,
  revision: 1,
  createdAt: midnight - 100 * day,
  updatedAt: midnight - 100 * day,
};
const jitterMs = jitterOf(nightly);

function stateAfter(
  status: StoredRun["status"],
  startedAt: number,
  before: RunsState | null = null,
): RunsState {
  const run = {
    id: "r-1",
    request: defaultRequest,
    status,
    startedAt,
    completedAt: startedAt + 5 * minute,
    error: status === "failed" ? { code: "NETWORK", message: "cut", hint: null } : null,
  };
  const completeness = {
    customers: { feeds: ["customers"], missing: [], readUpTo: { customers: startedAt - 15 * minute } },
  };
  return stateAfterRun(before, run, completeness) ?? noRunsState;
}

function stored(runs: RunsState, given: Partial<StoredCredentialState> = {}): StoredCredentialState {
  return {
    credentialId: "c-1",
    companyId: "acme",
    environment: "production",
    tenantId: "1",
    connection: "connected",
    runs,
    pause: null,
    lastPausedAt: null,
    resumedAt: null,
    current: null,
    ...given,
  };
}

function judge(
  state: StoredCredentialState,
  now: number,
  schedule: StoredSchedule | null = nightly,
  scheduledData: readonly string[] = ["customers"],
) {
  return judgeCredential(state, { schedule, scheduledData, now });
}

const good = stateAfter("completed", midnight + 2 * hour + jitterMs);
const later = midnight + 12 * hour;
const pause = { reason: "moving offices", actor: "ada", at: midnight, until: null };

describe("the state of a credential", () => {
  test("is the first that matches", () => {
    const failed = stateAfter("failed", midnight + 3 * hour, good);
    const partial = stateAfter("partial", midnight + 2 * hour + jitterMs);
    expect(judge(stored(failed, { pause, connection: "error" }), later).state).toBe("paused");
    expect(judge(stored(failed, { connection: "error" }), later).state).toBe("refused");
    expect(judge(stored(stateAfter("failed", midnight)), later).state).toBe("never");
    expect(judge(stored(noRunsState), later).state).toBe("never");
    expect(judge(stored(failed), later + 30 * day).state).toBe("failing");
    expect(judge(stored(partial), later + 30 * day).state).toBe("late");
    expect(judge(stored(partial), later).state).toBe("degraded");
    expect(judge(stored(good), later).state).toBe("fresh");
  });

  test("was fresh although ServiceTitan had repeated a page in every sync, and nothing had arrived", () => {
    const [name, data] = Object.entries(good.data)[0] ?? ["", undefined];
    if (data === undefined) throw new Error("It has no data.");
    const held = { ...good, data: { ...good.data, [name]: { ...data, uncertain: ["customers"] } } };
    const { state, why } = judge(stored(held), later);
    expect(state).toBe("degraded");
    expect(why).toContain("whether it had read customers to the end");
  });

  test("says why in one sentence, with names and times", () => {
    expect(judge(stored(good, { pause }), later).why).toContain("by ada: moving offices");
    expect(judge(stored(stateAfter("failed", midnight)), later).why).toContain("NETWORK");
    expect(judge(stored(stateAfter("failed", midnight + 3 * hour, good)), later).why).toContain("NETWORK");
    expect(judge(stored(good), later + 2 * day).why).toContain("due at 2026-06-11T02:");
  });

  test("is no pause once that has ended by itself", () => {
    expect(judge(stored(good, { pause: { ...pause, until: later } }), later - 1).state).toBe("paused");
    expect(judge(stored(good, { pause: { ...pause, until: later } }), later).state).toBe("fresh");
  });
});

describe("a credential is late", () => {
  const due = midnight + day + 2 * hour + jitterMs;

  test("when a start, its jitter and a grace of 20 minutes at most have passed", () => {
    expect(judge(stored(good), due + 20 * minute).state).toBe("fresh");
    expect(judge(stored(good), due + 20 * minute + 1).state).toBe("late");
  });

  test("after 2 minutes at least", () => {
    const often = { ...nightly, cron: null, every: "1m" };
    const state = stored(stateAfter("completed", later));
    // The first start comes within a minute and its jitter.
    expect(judge(state, later + 2 * minute, often).state).toBe("fresh");
    expect(judge(state, later + 3 * minute + 6_001, often).state).toBe("late");
  });

  test("although a run of another data type was good", () => {
    const state = stored(good);
    expect(judge(state, later, { ...nightly, data: "both" }, ["customers", "invoices"]).state).toBe("late");
  });

  test("not on quiet days, on which its clock stops", () => {
    const quiet = { ...nightly, quietDays: ["2026-06-11", "2026-06-12"] };
    expect(judge(stored(good), due + day, quiet).state).toBe("fresh");
    expect(judge(stored(good), due + 2 * day + 20 * minute + 1, quiet).state).toBe("late");
    const beforeMidnight = { ...nightly, cron: "55 23 * * *", quietDays: ["2026-06-11"] };
    const started = stored(stateAfter("completed", midnight + 22 * hour));
    const jitter = jitterOf(beforeMidnight);
    const start = midnight + 23 * hour + 55 * minute + jitter;
    if (start + 20 * minute > midnight + day) {
      expect(judge(started, start + 21 * minute, beforeMidnight).state).toBe("fresh");
      expect(judge(started, start + day + 21 * minute, beforeMidnight).state).toBe("late");
    }
  });

  test("not for starts within a pause, but for those before it", () => {
    const paused = { lastPausedAt: due - hour, resumedAt: due + 10 * hour };
    expect(judge(stored(good, paused), due + 10 * hour + 1).state).toBe("fresh");
    expect(judge(stored(good, paused), due + day + 21 * minute).state).toBe("late");
    const pausedLate = { lastPausedAt: due + hour, resumedAt: due + 10 * hour };
    expect(judge(stored(good, pausedLate), due + 10 * hour + 1).state).toBe("late");
    const ended = { ...pause, at: due - hour, until: due + 10 * hour };
    expect(judge(stored(good, { pause: ended }), due + 10 * hour + 1).state).toBe("fresh");
  });

  test("not because its schedule was changed to one that would have started earlier", () => {
    const hourly = { ...nightly, cron: "0 * * * *", updatedAt: later };
    expect(judge(stored(good), later + minute, hourly).state).toBe("fresh");
    expect(judge(stored(good), later + 2 * hour, hourly).state).toBe("late");
  });

  test("still, when its schedule is changed after it had missed starts for days", () => {
    const changed = { ...nightly, updatedAt: midnight + 3 * day + 12 * hour };
    expect(judge(stored(good), midnight + 3 * day + 13 * hour, changed).state).toBe("late");
  });

  test("when its schedule cannot be read, which made every list that contained it fail", () => {
    for (const times of [{}, { cron: null, every: "15m" }]) {
      const unreadable = { ...nightly, ...times, timeZone: "America/Atlantis" };
      const { state, why } = judge(stored(good), later, unreadable);
      expect(state).toBe("late");
      expect(why).toMatch(/does not know the time zone America\/Atlantis.*Save the schedule/);
      expect(judge(stored(good), later, { ...unreadable, enabled: false }).state).toBe("fresh");
    }
  });

  test("without a schedule when its data is older than 7 days", () => {
    const known = midnight + 2 * hour + jitterMs - 15 * minute;
    for (const schedule of [null, { ...nightly, enabled: false }]) {
      expect(judge(stored(good), known + 7 * day, schedule).state).toBe("fresh");
      expect(judge(stored(good), known + 7 * day + 1, schedule).state).toBe("late");
    }
  });
});
