import type { FeedName } from "../feeds/feed.js";
import type { FeedFigures, RecordFigures, StoredRun } from "../ports/sync-run.js";
import type { RecordType } from "../records/record.js";
import { addFeedFigures, addRecordFigures, noFeedFigures, noRecordFigures } from "./figures.js";

/** The run's figures so far, those of earlier owners included. */
export interface RunTally {
  addFeed(feed: FeedName, figures: FeedFigures): FeedFigures;
  addRecord(record: RecordType, figures: RecordFigures): RecordFigures;
  feed(feed: FeedName): FeedFigures;
  record(record: RecordType): RecordFigures;
  all(): Pick<StoredRun, "feeds" | "records">;
}

/** Counts on from what the storage holds of a run. */
export function createRunTally(run: StoredRun): RunTally {
  const feeds = new Map<FeedName, FeedFigures>(Object.entries(run.feeds) as [FeedName, FeedFigures][]);
  const records = new Map<RecordType, RecordFigures>(
    Object.entries(run.records) as [RecordType, RecordFigures][],
  );
  const feed = (name: FeedName): FeedFigures => feeds.get(name) ?? noFeedFigures;
  const record = (type: RecordType): RecordFigures => records.get(type) ?? noRecordFigures;
  return {
    addFeed(name, figures) {
      const sum = addFeedFigures(feed(name), figures);
      feeds.set(name, sum);
      return sum;
    },
    addRecord(type, figures) {
      const sum = addRecordFigures(record(type), figures);
      records.set(type, sum);
      return sum;
    },
    feed,
    record,
    all: () => ({ feeds: Object.fromEntries(feeds), records: Object.fromEntries(records) }),
  };
}
