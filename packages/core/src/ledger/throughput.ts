import type { FeedName } from "../feeds/feed.js";
import type { Clock } from "../ports/clock.js";
import type { SyncEvent, Throughput } from "../ports/sync-event.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { RecordType } from "../records/record.js";
import type { RunEvent } from "./run-event.js";

/** Measures how fast a run goes. */
export interface ThroughputMeter {
  /** Starts to derive records of this type; `count` of them are queued, `null` if that is not known. */
  expect(record: RecordType, count: number | null): void;
  /** The event with its throughput, where it has one. */
  complete(event: RunEvent): Omit<SyncEvent, "runId" | "credentialId" | "companyId" | "at">;
}

/** A count since this owner of the run started it. */
interface Series {
  readonly beganAt: number;
  /** The count done before. */
  readonly base: number;
  /** The total to do, `base` included. */
  readonly total: number | null;
}

/** @param run - as it was when this owner took it. */
export function createThroughputMeter(clock: Clock, run: StoredRun): ThroughputMeter {
  const startedAt = clock.now();
  const feedsBeganAt = new Map<FeedName, number>();
  const totals = new Map<FeedName, number | null>();
  const pagesRead = new Map<FeedName, number>();
  const derived = new Map<RecordType, number>();
  const expected = new Map<RecordType, Series>();

  function measure(done: number, { beganAt, base, total }: Series): Throughput {
    const seconds = (clock.now() - beganAt) / 1000;
    const rowsPerSecond = seconds > 0 ? (done - base) / seconds : null;
    const secondsLeft =
      total === null || rowsPerSecond === null || rowsPerSecond <= 0
        ? null
        : Math.max(0, total - done) / rowsPerSecond;
    return { rowsPerSecond, total, secondsLeft };
  }

  function seriesOf(feed: FeedName, base: number): Series {
    return { beganAt: feedsBeganAt.get(feed) ?? startedAt, base, total: totals.get(feed) ?? null };
  }

  return {
    expect(record, count) {
      const base = derived.get(record) ?? run.records[record]?.derived ?? 0;
      expected.set(record, { beganAt: clock.now(), base, total: count === null ? null : base + count });
    },

    complete(event) {
      switch (event.event) {
        case "feed:start":
          feedsBeganAt.set(event.feed, clock.now());
          return event;
        case "page:read": {
          const { feed, rows, total } = event;
          const read = (pagesRead.get(feed) ?? 0) + rows;
          pagesRead.set(feed, read);
          totals.set(feed, total);
          return { ...event, ...measure(read, seriesOf(feed, 0)) };
        }
        case "batch:landed": {
          const base = run.feeds[event.feed]?.read ?? 0;
          const { total, ...series } = seriesOf(event.feed, base);
          const whole = { ...series, total: total === null ? null : base + total };
          return { ...event, ...measure(event.figures.read, whole), total };
        }
        case "batch:delivered": {
          const { record, figures } = event;
          derived.set(record, figures.derived);
          const base = run.records[record]?.derived ?? 0;
          const series = expected.get(record) ?? { beganAt: startedAt, base, total: null };
          return { ...event, ...measure(figures.derived, series) };
        }
        default:
          return event;
      }
    },
  };
}
