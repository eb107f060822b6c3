import { describe, expect, it } from "vitest";
import { ValidationError } from "../errors.js";
import type { RetentionStore } from "../ports/retention-store.js";
import { manualClock } from "../testing/manual-clock.js";
import { type PruneRequest, prune } from "./retention.js";

const day = 24 * 60 * 60 * 1000;

async function timesFor(request: PruneRequest) {
  const clock = manualClock();
  const asked: Parameters<RetentionStore["pruneHistory"]>[0][] = [];
  const store: RetentionStore = {
    async pruneHistory(before) {
      asked.push(before);
      return { runs: 1, pauses: 4, rejections: 2, audit: 3 };
    },
  };
  const result = await prune(store, clock, request);
  const ages = Object.entries(asked[0] ?? {}).map(([what, time]) => [
    what,
    time === undefined ? null : clock.now() - time,
  ]);
  return { result, ages: Object.fromEntries(ages) };
}

describe("retention", () => {
  it("keeps runs and the audit log for 400 days, payloads for 30, idle runs and pauses for 7", async () => {
    const { ages, result } = await timesFor({});
    expect(ages).toEqual({
      runs: 400 * day,
      idleRuns: 7 * day,
      pauses: 7 * day,
      rejections: 30 * day,
      audit: 400 * day,
    });
    expect(result).toEqual({ runs: 1, pauses: 4, rejections: 2, audit: 3 });
  });

  it("keeps things as long as asked, for ever with null", async () => {
    const { ages } = await timesFor({
      runsOlderThanMs: 0,
      idleRunsOlderThanMs: 1,
      pausesOlderThanMs: 2,
      rejectionsOlderThanMs: 5,
      auditOlderThanMs: null,
    });
    expect(ages).toEqual({ runs: 0, idleRuns: 1, pauses: 2, rejections: 5, audit: null });
  });

  it("stops when its signal is aborted, and passes the signal to the steps", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const store: RetentionStore = {
      async pruneHistory(_before, signal) {
        signals.push(signal);
        return { runs: 0, pauses: 0, rejections: 0, audit: 0 };
      },
    };
    const { signal } = new AbortController();
    await prune(store, manualClock(), { signal });
    await expect(prune(store, manualClock(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(signals).toEqual([signal]);
  });

  it("refuses what is no time, all mistakes at once, and deletes nothing", async () => {
    const request = { runsOlderThanMs: -1, rejectionsOlderThanMs: "5 d", olderThan: 3 } as unknown;
    const refused = timesFor(request as PruneRequest);
    await expect(refused).rejects.toBeInstanceOf(ValidationError);
    await expect(refused).rejects.toMatchObject({
      issues: [
        expect.stringContaining("runsOlderThanMs"),
        expect.stringContaining("rejectionsOlderThanMs"),
        expect.stringContaining("olderThan"),
      ],
    });
  });
});
