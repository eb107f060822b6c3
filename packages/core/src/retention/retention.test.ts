import { describe, expect, it } from "vitest";
import { ValidationError } from "../errors.js";
import type { RetentionStore } from "../ports/retention-store.js";
import { manualClock } from "../testing/manual-clock.js";
import { type PruneRequest, prune } from "./retention.js";

const day = 24 * 60 * 60 * 1000;

type Left = Record<
  | "endAbandonedRuns"
  | "pruneSeenIds"
  | "runs"
  | "idleRuns"
  | "accepted"
  | "payloads"
  | "audit"
  | "starts"
  | "alerts",
  number
>;

/** A storage in which so much of each kind is left to take. Notes what it is asked for, with ages instead of times. */
function storeWith(given: Partial<Left>) {
  const left: Left = {
    endAbandonedRuns: 0,
    pruneSeenIds: 0,
    runs: 0,
    idleRuns: 0,
    accepted: 0,
    payloads: 0,
    audit: 0,
    starts: 0,
    alerts: 0,
    ...given,
  };
  const clock = manualClock();
  const asked: [kind: keyof Left, ageMs: number | null, limit: number][] = [];
  const take = async (kind: keyof Left, limit: number, before: number | null): Promise<number> => {
    asked.push([kind, before === null ? null : clock.now() - before, limit]);
    const taken = Math.min(limit, left[kind]);
    left[kind] -= taken;
    return taken;
  };
  const store: RetentionStore = {
    endAbandonedRuns: ({ before, limit }) => take("endAbandonedRuns", limit, before),
    pruneSeenIds: ({ limit }) => take("pruneSeenIds", limit, null),
    pruneRuns: ({ before, limit, idleOnly }) => take(idleOnly ? "idleRuns" : "runs", limit, before),
    pruneAcceptedRuns: ({ before, limit }) => take("accepted", limit, before),
    pruneRejectionPayloads: ({ before, limit }) => take("payloads", limit, before),
    pruneAudit: ({ before, limit }) => take("audit", limit, before),
    pruneStarts: ({ before, limit }) => take("starts", limit, before),
    pruneAlerts: ({ before, limit }) => take("alerts", limit, before),
  };
  return { store, clock, asked, left };
}

describe("retention", () => {
  it("keeps runs and the audit log for 400 days, payloads for 30, the start ledger for 14, idle runs and pauses for 7", async () => {
    const { store, clock, asked } = storeWith({});
    expect(await prune(store, clock, {})).toEqual({
      runs: 0,
      pauses: 0,
      rejections: 0,
      audit: 0,
      starts: 0,
      alerts: 0,
    });
    expect(asked).toEqual([
      ["endAbandonedRuns", 7 * day, 100],
      ["pruneSeenIds", null, 10_000],
      ["runs", 400 * day, 1000],
      ["idleRuns", 7 * day, 1000],
      ["accepted", 400 * day, 1000],
      ["payloads", 30 * day, 1000],
      ["audit", 400 * day, 1000],
      ["starts", 14 * day, 1000],
      ["alerts", 400 * day, 1000],
    ]);
  });

  it("keeps history for the given times, forever with null", async () => {
    const { store, clock, asked } = storeWith({});
    await prune(store, clock, {
      runsOlderThanMs: 0,
      idleRunsOlderThanMs: 1,
      pausesOlderThanMs: 2,
      rejectionsOlderThanMs: 5,
      auditOlderThanMs: null,
      startsOlderThanMs: 6,
      alertsOlderThanMs: 8,
    });
    expect(asked.map(([kind, ageMs]) => [kind, ageMs])).toEqual([
      ["endAbandonedRuns", 2],
      ["pruneSeenIds", null],
      ["runs", 0],
      ["idleRuns", 1],
      ["accepted", 0],
      ["payloads", 5],
      ["starts", 6],
      ["alerts", 8],
    ]);
  });

  it("keeps nothing longer than all history, whatever its default is", async () => {
    const { store, clock, asked } = storeWith({});
    await prune(store, clock, { olderThanMs: 10 * day, rejectionsOlderThanMs: 20 * day });
    expect(asked.map(([kind, ageMs]) => [kind, ageMs])).toEqual([
      ["endAbandonedRuns", 7 * day],
      ["pruneSeenIds", null],
      ["runs", 10 * day],
      ["idleRuns", 7 * day],
      ["accepted", 10 * day],
      ["payloads", 20 * day],
      ["audit", 10 * day],
      ["starts", 10 * day],
      ["alerts", 10 * day],
    ]);
  });

  it("repeats each step until nothing is left, and counts what was deleted", async () => {
    const given = {
      endAbandonedRuns: 250,
      pruneSeenIds: 10_001,
      runs: 1000,
      idleRuns: 7,
      accepted: 1001,
      payloads: 1,
      audit: 2500,
      starts: 3,
      alerts: 1001,
    };
    const { store, clock, left } = storeWith(given);
    expect(await prune(store, clock, {})).toEqual({
      runs: 1007,
      pauses: 250,
      rejections: 1,
      audit: 2500,
      starts: 3,
      alerts: 1001,
    });
    expect(Object.values(left).every((count) => count === 0)).toBe(true);
  });

  it("stops between two steps when its signal is aborted, and deletes nothing under an aborted one", async () => {
    const { store, clock, asked } = storeWith({ runs: 5000 });
    const abort = new AbortController();
    const stopping: RetentionStore = {
      ...store,
      pruneRuns(params) {
        abort.abort();
        return store.pruneRuns(params);
      },
    };
    const aborted = { code: "ABORTED" };
    await expect(prune(stopping, clock, { signal: abort.signal })).rejects.toMatchObject(aborted);
    expect(asked.map(([kind]) => kind)).toEqual(["endAbandonedRuns", "pruneSeenIds", "runs"]);
    await expect(prune(store, clock, { signal: abort.signal })).rejects.toMatchObject(aborted);
    expect(asked).toHaveLength(3);
  });

  it("refuses invalid times, listing all problems at once, and deletes nothing", async () => {
    const { store, clock, asked } = storeWith({});
    const request = { runsOlderThanMs: -1, rejectionsOlderThanMs: "5 d", olderThan: 3 } as unknown;
    const refused = prune(store, clock, request as PruneRequest);
    await expect(refused).rejects.toBeInstanceOf(ValidationError);
    await expect(refused).rejects.toMatchObject({
      issues: [
        expect.stringContaining("runsOlderThanMs"),
        expect.stringContaining("rejectionsOlderThanMs"),
        expect.stringContaining("olderThan"),
      ],
    });
    expect(asked).toEqual([]);
  });
});
