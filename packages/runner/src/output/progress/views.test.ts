import { eventJson, type FeedFigures, type RecordFigures, type SyncEvent } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { textStream } from "../../__fixtures__/text-stream.js";
import { type BarState, barLine } from "./bar-line.js";
import { barsView } from "./bars-view.js";
import { jsonView } from "./json-view.js";
import { plainView } from "./plain-view.js";

const base = { runId: "run", credentialId: "credential", companyId: "acme", at: Date.UTC(2026, 2, 1, 12) };
const throughput = { rowsPerSecond: null, total: null, secondsLeft: null };

function feed(read: number): FeedFigures {
  return { pages: 1, read, landed: read, unchanged: 0, superseded: 0, suppressed: 0, rejected: 0 };
}

function records(derived: number): RecordFigures {
  return { derived, delivered: derived, removed: 0, unchanged: 0, leftOut: 0, rejected: 0, warned: 0 };
}

const events: readonly SyncEvent[] = [
  { ...base, event: "feed:start", feed: "customers" },
  { ...base, ...throughput, event: "page:read", feed: "customers", rows: 1000 },
  { ...base, ...throughput, event: "batch:landed", feed: "customers", figures: feed(1000) },
  { ...base, event: "feed:end", feed: "customers", outcome: "drained", figures: feed(1000) },
  { ...base, ...throughput, event: "batch:delivered", record: "member", figures: records(1000) },
];

/** Time that tests move. */
function clockAt(time: { now: number }) {
  return { now: () => time.now, sleep: async () => undefined };
}

describe("plain progress", () => {
  it("is a line for each thing that ends, not for every batch", async () => {
    const stream = textStream();
    const report = plainView(stream, clockAt({ now: 0 })).follow("acme production");
    for (const event of events) await report(event);
    expect(stream.text()).toBe(
      "12:00:00  acme production  customers: drained, 1,000 rows read, 1,000 landed\n",
    );
  });

  it.each([
    [{}, "incremental"],
    [{ mode: "full", dryRun: true }, "full, dry run"],
    [{ rederive: true }, "rederive"],
    [{ replay: true, resumed: true }, "replay of rejections"],
  ] as const)("says what a run that starts with %o does", async (given, what) => {
    const stream = textStream();
    const run = {
      mode: "incremental",
      resumed: false,
      dryRun: false,
      rederive: false,
      replay: false,
    } as const;
    const report = plainView(stream, clockAt({ now: 0 })).follow(null);
    await report({ ...base, event: "run:start", data: "both", ...run, ...given });
    expect(stream.text()).toBe(
      `12:00:00  run run ${"resumed" in given ? "continues" : "starts"}: both, ${what}\n`,
    );
  });

  it("shows a sign of life of long work", async () => {
    const stream = textStream();
    const time = { now: 0 };
    const report = plainView(stream, clockAt(time)).follow(null);
    for (const read of [1000, 2000, 3000]) {
      time.now += 3_000;
      await report({ ...base, ...throughput, event: "batch:landed", feed: "customers", figures: feed(read) });
    }
    expect(stream.text()).toBe("12:00:00  customers: 2,000 read so far\n");
  });
});

describe("progress for programs", () => {
  it("prints each event as a line of JSON", async () => {
    const stream = textStream();
    const report = jsonView(stream).follow(null);
    for (const event of events) await report(event);
    const lines = stream.text().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(events.map(eventJson));
  });
});

describe("a bar", () => {
  const plain = (_format: unknown, text: string): string => text;
  const draw = (bar: Partial<BarState>): string =>
    barLine(
      { title: "customers", value: 0, total: null, secondsLeft: null, outcome: "reading", ...bar },
      0,
      plain,
    );

  it("fills in proportion to the known total", () => {
    expect(draw({ value: 50, total: 100 })).toContain(`${"█".repeat(14)}${"░".repeat(14)} 50 of 100`);
  });

  it("says how long it will take if that can be estimated", () => {
    expect(draw({ value: 50, total: 100, secondsLeft: 12 })).toContain("50 of 100  12.0 s left");
  });

  it("never exceeds its end, even if rows were added meanwhile", () => {
    expect(draw({ value: 130, total: 100 })).toContain(`${"█".repeat(28)} 130 of 100`);
  });

  it("counts if the total is not known", () => {
    expect(draw({ value: 1234 })).toContain(`${"░".repeat(28)} 1,234`);
  });

  it.each(["degraded", "failed"] as const)("says that its feed is %s", (outcome) => {
    expect(draw({ outcome })).toMatch(new RegExp(`^✗ customers +${outcome}`));
  });
});

describe("bars on a terminal", () => {
  const terminal = () =>
    Object.assign(textStream({ terminal: true }), {
      cursorTo: () => true,
      moveCursor: () => true,
      clearLine: () => true,
      clearScreenDown: () => true,
    });

  it("showed nothing while a run waited; now a line does, until the run continues", async () => {
    const time = { now: base.at };
    const until = base.at + 300_000;
    const wait: SyncEvent = { ...base, event: "run:wait", until, reason: "throttled" };
    const landed = (at: number): SyncEvent => ({
      ...base,
      ...throughput,
      at,
      event: "batch:landed",
      feed: "customers",
      figures: feed(1000),
    });
    /** What is drawn last. */
    const drawn = async (...given: readonly SyncEvent[]): Promise<string> => {
      const stream = terminal();
      const view = barsView({ stream, style: (_format, text) => text, clock: clockAt(time) });
      const report = view.follow(null);
      for (const event of given) await report(event);
      const before = stream.text().length;
      view.close();
      return stream.text().slice(before);
    };
    const line = "⏸ acme waiting for ServiceTitan until 12:05:00 UTC: it is throttling requests";
    // Rows that were read before may land meanwhile.
    expect(await drawn(wait, landed(base.at + 1))).toContain(line);
    expect((await drawn(wait, wait)).split("waiting for")).toHaveLength(2);
    time.now = until;
    expect(await drawn(wait)).toContain("⏸ acme is trying again");
    const gone = await drawn(wait, landed(until));
    expect(gone).toContain("customers");
    expect(gone).not.toContain("⏸");
    const end: SyncEvent = {
      ...base,
      event: "run:end",
      status: "failed",
      processed: 0,
      successful: 0,
      failed: 0,
      unchanged: 0,
      durationMs: 0,
      warnings: [],
      error: null,
    };
    expect(await drawn(wait, end)).not.toContain("⏸");
  });

  it("show each feed and each record type", async () => {
    const stream = terminal();
    const view = barsView({
      stream,
      style: (_format, text) => text,
      clock: clockAt({ now: 0 }),
      expected: { customers: 1000, member: 1000 },
    });
    const report = view.follow(null);
    for (const event of events) await report(event);
    view.close();
    expect(stream.text()).toMatch(/✓ customers .* 1,000/);
    expect(stream.text()).toMatch(/✓ → members .* 1,000/);
  });
});
