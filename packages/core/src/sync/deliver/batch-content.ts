import type { FeedName } from "../../feeds/feed.js";
import type { SettledItem, StagedBatch } from "../../ports/delivery-store.js";
import type { RecordBatch } from "../../ports/record-sink.js";
import type { RecordFigures } from "../../ports/sync-run.js";

/** What a stored batch needs to be sent and settled again, also by another process. */
export interface BatchContent {
  readonly batch: RecordBatch;
  readonly feed: FeedName;
  readonly settled: readonly SettledItem[];
  readonly warned: number;
  readonly counts?: RecordFigures["counts"];
  /** Whether it contains removals of erased records, which no run has derived. */
  readonly isErasure: boolean;
}

export function toStoredBatch(content: BatchContent): StagedBatch {
  const { id, record } = content.batch;
  return { id, record, content: JSON.stringify(content) };
}

/** The engine wrote it itself. */
export function parseContent(stored: StagedBatch): BatchContent {
  return JSON.parse(stored.content) as BatchContent;
}
