import { describe, expect, it } from "vitest";
import { strayTimes } from "../../../../test/json/times.js";
import { noFeedFigures, noRecordFigures } from "../ledger/figures.js";
import type { Logger } from "../ports/logger.js";
import type { EventBase, SyncEvent } from "../ports/sync-event.js";
import { eventJson } from "./event-json.js";
import { jsonLinesReporter } from "./json-lines-reporter.js";
import { logReporter } from "./log-reporter.js";
import { throttledReporter } from "./throttled-reporter.js";

const base = (at: number, runId = "run"): EventBase => ({
  runId,
  credentialId: "cred",
  companyId: "acme",
  at,
});
const throughput = { rowsPerSecond: 10, total: null, secondsLeft: null };

const page = (at: number, feed: "zones" | "jobs" = "zones", runId = "run"): SyncEvent => ({
  ...base(at, runId),
  ...throughput,
  event: "page:read",
  feed,
  rows: at,
});

const runEnd = (at: number, runId = "run"): SyncEvent => ({
  ...base(at, runId),
  event: "run:end",
  status: "failed",
  processed: 3,
  successful: 1,
  failed: 1,
  unchanged: 1,
  durationMs: 5,
  warnings: [],
  error: { code: "SINK", message: "The sink said something private.", hint: null },
});

const everyEvent: readonly SyncEvent[] = [
  {
    ...base(1),
    event: "run:start",
    data: "both",
    mode: "full",
    resumed: false,
    dryRun: false,
    rederive: false,
    replay: false,
  },
  { ...base(2), event: "feed:start", feed: "zones" },
  page(3),
  { ...base(4), event: "schema:drift", feed: "zones", unknown: ["color"], missing: [] },
  { ...base(4), ...throughput, event: "batch:landed", feed: "zones", figures: noFeedFigures },
  { ...base(5), event: "feed:end", feed: "zones", outcome: "degraded", figures: noFeedFigures },
  { ...base(6), ...throughput, event: "batch:delivered", record: "member", figures: noRecordFigures },
  { ...base(6), event: "run:wait", until: Date.UTC(2026, 0, 31), reason: "throttled" },
  { ...base(7), event: "run:warning", warning: { code: "FEED_DEGRADED", message: "zones", count: 2 } },
  runEnd(8),
];

describe("the log reporter", () => {
  it("logs every event with its company and tenant, at its level", () => {
    const lines: [string, string, unknown][] = [];
    const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
      void lines.push([level, message, fields["runId"]]);
    const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
    for (const event of everyEvent) logReporter({ logger })(event);
    expect(lines).toEqual([
      ["info", "a run began", "run"],
      ["info", "a feed is being read", "run"],
      ["debug", "a page was read", "run"],
      ["warn", "rows differ from the documentation", "run"],
      ["debug", "rows have landed", "run"],
      ["warn", "a feed has ended", "run"],
      ["debug", "records were delivered", "run"],
      ["debug", "a run is waiting for ServiceTitan", "run"],
      ["warn", "zones", "run"],
      ["error", "a run has ended", "run"],
    ]);
  });

  it("logs named fields only", () => {
    const logged: unknown[] = [];
    const keep = (fields: unknown): void => void logged.push(fields);
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
    const event = { ...page(1), customer: "Jane Private" };
    logReporter({ logger })(event);
    logReporter({ logger })(runEnd(2));
    expect(JSON.stringify(logged)).not.toContain("rivate");
    expect(logged[0]).toEqual({
      runId: "run",
      credentialId: "cred",
      companyId: "acme",
      feed: "zones",
      rows: 1,
      ...throughput,
    });
  });
});

describe("the JSON lines reporter", () => {
  it("writes each event as one line", () => {
    let text = "";
    const report = jsonLinesReporter({ write: (part) => (text += part) });
    for (const event of everyEvent) report(event);
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    const shown = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(shown.map(({ event }) => event)).toEqual(everyEvent.map(({ event }) => event));
    expect(shown).toContainEqual(
      expect.objectContaining({ at: "1970-01-01T00:00:00.006Z", until: "2026-01-31T00:00:00.000Z" }),
    );
    expect(strayTimes(shown)).toEqual([]);
  });

  it("changes nothing but instants", () => {
    for (const event of everyEvent) {
      const { at, ...rest } = eventJson(event);
      const until = event.event === "run:wait" ? { until: event.until } : {};
      expect({ ...rest, ...until, at: Date.parse(at) }).toEqual(event);
    }
  });
});

describe("the throttled reporter", () => {
  function throttled(intervalMs?: number) {
    const told: SyncEvent[] = [];
    const report = throttledReporter((event) => void told.push(event), { intervalMs });
    return { report, times: () => told.map((event) => event.at) };
  }

  it("passes on the first page, then one in each interval", () => {
    const { report, times } = throttled();
    for (const at of [0, 300, 900, 1000, 1500, 2100]) report(page(at));
    expect(times()).toEqual([0, 1000, 2100]);
  });

  it("keeps feeds, kinds of events and runs apart", () => {
    const { report, times } = throttled();
    report(page(1));
    report(page(2, "jobs"));
    report(page(3, "zones", "other run"));
    report({ ...base(4), ...throughput, event: "batch:landed", feed: "zones", figures: noFeedFigures });
    report({
      ...base(5),
      ...throughput,
      event: "batch:delivered",
      record: "member",
      figures: noRecordFigures,
    });
    expect(times()).toEqual([1, 2, 3, 4, 5]);
  });

  it("passes on all other events at once, after the same run's delayed events", () => {
    const { report, times } = throttled(5000);
    report(page(0));
    report(page(0, "jobs"));
    report(page(20, "jobs"));
    report(page(10));
    report(page(15, "zones", "other run"));
    report(page(16, "zones", "other run"));
    report({ ...base(30), event: "feed:start", feed: "jobs" });
    expect(times()).toEqual([0, 0, 15, 10, 20, 30]);
    report(page(40));
    report(runEnd(50));
    expect(times().slice(6)).toEqual([40, 50]);
  });

  it("forgets a run that has ended", () => {
    const { report, times } = throttled(5000);
    report(page(0));
    report(runEnd(1));
    report(page(2));
    expect(times()).toEqual([0, 1, 2]);
  });

  it("waits for a slow reporter before it passes on the next event, and passes on its failure", async () => {
    const told: number[] = [];
    const report = throttledReporter(async (event) => {
      await Promise.resolve();
      told.push(event.at);
      if (event.at === 3) throw new Error("full");
    });
    await report(page(1));
    report(page(2));
    await expect(report(runEnd(3))).rejects.toThrow("full");
    expect(told).toEqual([1, 2, 3]);
  });
});
