import { describe, expect, it } from "vitest";
import type { StoredRun } from "../ports/sync-run.js";
import { manualClock } from "../testing/manual-clock.js";
import { noFeedFigures, noRecordFigures } from "./figures.js";
import { createThroughputMeter } from "./throughput.js";

function runWith(given: Partial<Pick<StoredRun, "feeds" | "records">> = {}): StoredRun {
  return { feeds: {}, records: {}, ...given } as StoredRun;
}

const page = (rows: number, total: number | null) =>
  ({ event: "page:read", feed: "zones", rows, total }) as const;
const landed = (read: number) =>
  ({ event: "batch:landed", feed: "zones", figures: { ...noFeedFigures, read } }) as const;
const delivered = (derived: number) =>
  ({ event: "batch:delivered", record: "member", figures: { ...noRecordFigures, derived } }) as const;

describe("the throughput of a run", () => {
  it("is that of the feed's rows since the feed started", () => {
    const clock = manualClock();
    const throughput = createThroughputMeter(clock, runWith());
    clock.advance(5000);
    throughput.complete({ event: "feed:start", feed: "zones" });
    clock.advance(2000);
    expect(throughput.complete(page(100, 400))).toMatchObject({
      rowsPerSecond: 50,
      total: 400,
      secondsLeft: 6,
    });
    clock.advance(2000);
    expect(throughput.complete(page(100, 400))).toMatchObject({ rowsPerSecond: 50, secondsLeft: 4 });
  });

  it("is unknown before time has passed, and the remaining time is unknown without a total", () => {
    const clock = manualClock();
    const throughput = createThroughputMeter(clock, runWith());
    expect(throughput.complete(page(100, 400))).toMatchObject({ rowsPerSecond: null, secondsLeft: null });
    clock.advance(1000);
    expect(throughput.complete(page(100, null))).toMatchObject({ rowsPerSecond: 200, secondsLeft: null });
  });

  it("never has a negative remainder when a list is read again", () => {
    const clock = manualClock();
    const throughput = createThroughputMeter(clock, runWith());
    clock.advance(1000);
    throughput.complete(page(100, 100));
    expect(throughput.complete(page(100, 100))).toMatchObject({ secondsLeft: 0 });
  });

  it("of landed rows does not count what an earlier owner of the run has read", () => {
    const clock = manualClock();
    const throughput = createThroughputMeter(
      clock,
      runWith({ feeds: { zones: { ...noFeedFigures, read: 1000 } } }),
    );
    throughput.complete({ event: "feed:start", feed: "zones" });
    clock.advance(1000);
    throughput.complete(page(50, 200));
    expect(throughput.complete(landed(1050))).toMatchObject({
      rowsPerSecond: 50,
      total: 200,
      secondsLeft: 3,
    });
  });

  it("of records starts when they are queued, and then knows how many there are", () => {
    const clock = manualClock();
    const throughput = createThroughputMeter(
      clock,
      runWith({ records: { member: { ...noRecordFigures, derived: 10 } } }),
    );
    clock.advance(1000);
    expect(throughput.complete(delivered(30))).toMatchObject({
      rowsPerSecond: 20,
      total: null,
      secondsLeft: null,
    });
    clock.advance(60_000);
    throughput.expect("member", 100);
    clock.advance(1000);
    expect(throughput.complete(delivered(55))).toMatchObject({
      rowsPerSecond: 25,
      total: 130,
      secondsLeft: 3,
    });
    throughput.expect("member", null);
    clock.advance(1000);
    expect(throughput.complete(delivered(60))).toMatchObject({
      rowsPerSecond: 5,
      total: null,
      secondsLeft: null,
    });
  });

  it("does not change events without a throughput", () => {
    const event = { event: "run:warning", warning: { code: "X", message: "x", count: null } } as const;
    expect(createThroughputMeter(manualClock(), runWith()).complete(event)).toEqual(event);
  });
});
