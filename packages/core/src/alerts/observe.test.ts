import { describe, expect, it } from "vitest";
import { noRunsState } from "../ledger/runs-state.js";
import type { EndedRun, RunsState, StoredCredentialState } from "../ports/credential-state.js";
import type { AlertSnapshot, DayFigures, ObservedCredential } from "./alert-snapshot.js";
import { observe } from "./observe.js";
import { defaultThresholds } from "./thresholds.js";

const at = Date.UTC(2026, 4, 20, 12);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const ended = (status: EndedRun["status"], endedAt = at - hourMs): EndedRun => ({
  ...{ runId: "r", status, startedAt: endedAt - 1, endedAt },
  errorCode: status === "failed" ? "NETWORK" : null,
});

interface Given extends Partial<Omit<ObservedCredential, "stored">> {
  readonly runs?: Partial<RunsState>;
  readonly stored?: Partial<StoredCredentialState>;
}

function credential({ runs, stored, ...given }: Given = {}): ObservedCredential {
  return {
    stored: {
      ...{ credentialId: "c-1", companyId: "acme", environment: "production", tenantId: "999" },
      ...{ connection: "connected", pause: null, lastPausedAt: null, resumedAt: null, current: null },
      runs: { ...noRunsState, last: ended("completed"), lastGood: ended("completed"), ...runs },
      ...stored,
    },
    ...{ isPaused: false, lateness: null, warnings: [], days: [] },
    ...given,
  };
}

function look(one: ObservedCredential | null, given: Partial<AlertSnapshot> = {}) {
  const none = { manual: null, scheduled: null, bulk: null };
  const seen = observe(
    {
      at,
      credentials: one === null ? [] : [one],
      queue: { waiting: { manual: 0, scheduled: 0, bulk: 0 }, oldestWaitingSince: none, claimed: 0 },
      workers: [],
      schedules: 0,
      lastTick: at,
      watchingSince: at - dayMs,
      channels: [],
      clockAheadMs: 0,
      platform: { freeShare: null, keyAgeMs: null },
      ...given,
    },
    defaultThresholds,
  );
  return seen.conditions.map(({ kind, severity, isExplained }) =>
    [kind, ...(severity === "critical" ? ["critical"] : []), ...(isExplained ? ["explained"] : [])].join(" "),
  );
}

const failing = (failures: number, sinceMs: number): Partial<RunsState> => ({
  ...{ last: ended("failed"), failures, failingSince: at - sinceMs },
});
const dayOf = (daysAgo: number): string => new Date(at - daysAgo * dayMs).toISOString().slice(0, 10);
const day = (daysAgo: number, given: Partial<DayFigures> = {}): DayFigures => ({
  ...{ day: dayOf(daysAgo), rowsRead: 100, derived: 100, rejected: 5, ...given },
});
const lateBy = (ms: number, limitMs: number) => ({ why: "", from: at - limitMs - ms, since: at - ms });
const waitsSince = (priority: string, ms: number): Partial<AlertSnapshot> => ({
  queue: {
    waiting: { manual: 0, scheduled: 1, bulk: 0 },
    oldestWaitingSince: { manual: null, scheduled: null, bulk: null, [priority]: at - ms },
    claimed: 0,
  },
  workers: [worker(0)],
});
const worker = (silentMs: number, isClosing = false) => ({
  ...{ id: "w", host: "h", pid: 1, version: "1", name: "w", slots: 1, busy: 0, isClosing },
  ...{ startedAt: 0, beatAt: at - silentMs, silentMs },
});

describe("rules", () => {
  it.each<[string, ObservedCredential | null, Partial<AlertSnapshot>, string[]]>([
    ["nothing wrong", credential(), {}, []],
    ["two failures within 2 hours", credential({ runs: failing(2, 2 * hourMs - 1) }), {}, []],
    ["three failures", credential({ runs: failing(3, 1) }), {}, ["failing"]],
    ["failures for 2 hours", credential({ runs: failing(1, 2 * hourMs) }), {}, ["failing"]],
    [
      "a refused credential",
      credential({ stored: { connection: "error" }, runs: failing(9, dayMs) }),
      {},
      ["refused critical"],
    ],
    ["a paused one", credential({ isPaused: true, stored: { connection: "error" } }), {}, []],
    ["late", credential({ lateness: lateBy(minuteMs, hourMs) }), {}, ["late"]],
    ["late, just before three times", credential({ lateness: lateBy(2 * hourMs - 1, hourMs) }), {}, ["late"]],
    ["late by three times", credential({ lateness: lateBy(2 * hourMs, hourMs) }), {}, ["late critical"]],
    [
      "late because it fails",
      credential({ lateness: lateBy(2 * hourMs, hourMs), runs: failing(3, 1) }),
      {},
      ["failing critical", "late critical explained"],
    ],
    ["never synced and late", credential({ lateness: lateBy(1, 1), runs: { lastGood: null } }), {}, []],
    ["partial for less than a day", credential({ runs: { degradedSince: at - dayMs + 1 } }), {}, []],
    ["partial for a day", credential({ runs: { degradedSince: at - dayMs } }), {}, ["degraded"]],
    ["removals held back", credential({ warnings: ["REMOVALS_HELD_BACK"] }), {}, ["removals-held-back"]],
    ["drift", credential({ warnings: ["SCHEMA_DRIFT", "X"] }), {}, ["drift"]],
    [
      "rejections doubled",
      credential({ days: [day(0, { rejected: 21, derived: 210 }), day(3)] }),
      {},
      ["rejections-up"],
    ],
    [
      "rejections just below double",
      credential({ days: [day(0, { rejected: 21, derived: 211 }), day(3)] }),
      {},
      [],
    ],
    ["20 rejections", credential({ days: [day(0, { rejected: 20, derived: 20 }), day(3)] }), {}, []],
    ["rejections without earlier days", credential({ days: [day(0, { rejected: 90 }), day(15)] }), {}, []],
    ["rejections of two days ago", credential({ days: [day(2, { rejected: 90 }), day(3)] }), {}, []],
    [
      "rejections of yesterday, today is empty",
      credential({ days: [day(0, { derived: 0 }), day(1, { rejected: 90 }), day(3)] }),
      {},
      ["rejections-up"],
    ],
    [
      "rows below 30% of the same weekday",
      credential({ days: [day(1, { rowsRead: 29 }), day(8), day(15), day(22)] }),
      {},
      ["volume-down"],
    ],
    ["rows of 30%", credential({ days: [day(1, { rowsRead: 30 }), day(8), day(15), day(22)] }), {}, []],
    [
      "too few weeks",
      credential({ days: [day(1, { rowsRead: 1 }), day(8), day(15), day(2), day(3)] }),
      {},
      [],
    ],
    ["no run yesterday", credential({ days: [day(8), day(15), day(22)] }), {}, []],
    [
      "a company that is always small",
      credential({ days: [1, 8, 15, 22].map((ago) => day(ago, { rowsRead: ago === 1 ? 0 : 19 })) }),
      {},
      [],
    ],
    ["no worker", null, { schedules: 1, workers: [worker(2 * minuteMs)] }, ["no-worker critical"]],
    ["only a worker that stops", null, { schedules: 1, workers: [worker(0, true)] }, ["no-worker critical"]],
    ["one of two workers", null, { schedules: 1, workers: [worker(hourMs), worker(2 * minuteMs - 1)] }, []],
    ["no worker needed", null, {}, []],
    ["no worker since this process started", null, { schedules: 1, watchingSince: at - minuteMs }, []],
    [
      "no scheduler",
      null,
      { schedules: 1, workers: [worker(0)], lastTick: at - 3 * minuteMs },
      ["scheduler-silent critical"],
    ],
    ["a scheduler", null, { schedules: 1, workers: [worker(0)], lastTick: at - 3 * minuteMs + 1 }, []],
    ["an old queue", null, waitsSince("scheduled", 15 * minuteMs), ["queue-old"]],
    ["a younger queue", null, waitsSince("manual", 15 * minuteMs - 1), []],
    ["full passes that wait", null, waitsSince("bulk", dayMs), []],
    [
      "an old queue without workers",
      null,
      { ...waitsSince("manual", hourMs), workers: [] },
      ["no-worker critical", "queue-old explained"],
    ],
    [
      "late without workers",
      credential({ lateness: lateBy(minuteMs, hourMs) }),
      { schedules: 1 },
      ["no-worker critical", "late explained"],
    ],
    ["a full database", null, { platform: { freeShare: 0.09, keyAgeMs: null } }, ["database-full critical"]],
    ["enough space", null, { platform: { freeShare: 0.1, keyAgeMs: null } }, []],
    ["a clock ahead", null, { clockAheadMs: 10_000 }, ["clock-off"]],
    ["a clock behind", null, { clockAheadMs: -10_000 }, ["clock-off"]],
    ["clocks that nearly agree", null, { clockAheadMs: -9_999 }, []],
    ["an old key", null, { platform: { freeShare: null, keyAgeMs: 365 * dayMs } }, ["key-old"]],
    ["a younger key", null, { platform: { freeShare: null, keyAgeMs: 365 * dayMs - 1 } }, []],
    [
      "a message that waits",
      null,
      { channels: [{ channel: "mail", oldestWaitingMs: 10 * minuteMs, givenUp: 0 }] },
      ["notifications-failing critical"],
    ],
    [
      "a message that was given up",
      null,
      { channels: [{ channel: "mail", oldestWaitingMs: null, givenUp: 1 }] },
      ["notifications-failing critical"],
    ],
    ["messages on their way", null, { channels: [{ channel: "mail", oldestWaitingMs: 1, givenUp: 0 }] }, []],
  ])("see in %s what is wrong", (_, one, given, expected) => {
    expect(look(one, given)).toEqual(expected);
  });

  it("do not know of what was not read: such alerts stay as they are", () => {
    const none = { manual: null, scheduled: null, bulk: null };
    const seen = observe(
      {
        at,
        credentials: [credential({ days: null, warnings: null })],
        queue: { waiting: { manual: 0, scheduled: 0, bulk: 0 }, oldestWaitingSince: none, claimed: 0 },
        ...{ workers: [], schedules: 0, lastTick: at, watchingSince: at, channels: [], clockAheadMs: 0 },
        platform: { freeShare: null, keyAgeMs: 1 },
      },
      defaultThresholds,
    );
    const unknown = ["drift", "volume-down", "reconcile-differs", "late", "failing"].filter((kind) =>
      seen.isUnknown({ kind, subject: "c-1" }),
    );
    expect(unknown).toEqual(["drift", "volume-down", "reconcile-differs"]);
    expect(seen.isUnknown({ kind: "drift", subject: "removed" })).toBe(false);
    expect(seen.isUnknown({ kind: "database-full", subject: "database" })).toBe(true);
    expect(seen.isUnknown({ kind: "key-old", subject: "key" })).toBe(false);
    expect(seen.endingOf({ kind: "late", subject: "removed" }).reason).toBe("removed");
    expect(seen.endingOf({ kind: "no-worker", subject: "workers" }).reason).toBe("recovered");
  });
});
