import type { Counter } from "@opentelemetry/api";
import type { SyncEvent } from "../ports/sync-event.js";
import type { FeedFigures, RecordFigures, StoredRun } from "../ports/sync-run.js";
import { meter } from "./instrumentation.js";

const secondMs = 1000;
/** In seconds, from a run without changes to a first load. */
const runBuckets = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200];

/** Figures by outcome, each counted once: they add up to all. */
type Outcomes = Readonly<Record<string, number>>;

const rowOutcomes = ({ landed, unchanged, superseded, suppressed, rejected }: FeedFigures): Outcomes => ({
  landed,
  unchanged,
  superseded,
  suppressed,
  rejected,
});

const recordOutcomes = ({ delivered, unchanged, leftOut, rejected }: RecordFigures): Outcomes => ({
  delivered,
  unchanged,
  left_out: leftOut,
  rejected,
});

/**
 * Counts for the host's metrics what the events of a run tell. What earlier owners of the run have counted is not
 * counted again.
 */
export function createRunTelemetry(run: Pick<StoredRun, "feeds" | "records">): (event: SyncEvent) => void {
  const instruments = meter();
  const duration = instruments.createHistogram("titan_sync.run.duration", {
    unit: "s",
    description: "How long runs took.",
    advice: { explicitBucketBoundaries: runBuckets },
  });
  const countRows = countGrowth(
    instruments.createCounter("titan_sync.rows", { unit: "{row}", description: "Rows read, by outcome." }),
    rowOutcomes,
    run.feeds,
  );
  const countRecords = countGrowth(
    instruments.createCounter("titan_sync.records", {
      unit: "{record}",
      description: "Records derived, by outcome.",
    }),
    recordOutcomes,
    run.records,
  );

  return (event) => {
    if (event.event === "batch:landed") {
      countRows(event.feed, event.figures, { "titan_sync.feed": event.feed });
    } else if (event.event === "batch:delivered") {
      countRecords(event.record, event.figures, { "titan_sync.record": event.record });
    } else if (event.event === "run:end") {
      duration.record(event.durationMs / secondMs, { "titan_sync.status": event.status });
    }
  };
}

/** Figures of a run only increase: the increase is counted. */
function countGrowth<Figures>(
  counter: Counter,
  outcomesOf: (figures: Figures) => Outcomes,
  before: Readonly<Partial<Record<string, Figures>>>,
) {
  const seen = new Map(Object.entries(before));
  return (key: string, figures: Figures, attributes: Readonly<Record<string, string>>): void => {
    const last = seen.get(key);
    seen.set(key, figures);
    const counted = last === undefined ? {} : outcomesOf(last);
    for (const [outcome, count] of Object.entries(outcomesOf(figures))) {
      const growth = count - (counted[outcome] ?? 0);
      if (growth > 0) counter.add(growth, { ...attributes, "titan_sync.outcome": outcome });
    }
  };
}
