import type { FeedFigures, RecordFigures } from "../ports/sync-run.js";
import { addCounts } from "../sync/findings.js";

/** The sum of both; an absent one is nothing. */
export function addFeedFigures(before: FeedFigures | undefined, more: FeedFigures): FeedFigures {
  if (before === undefined) return { ...more };
  return {
    pages: before.pages + more.pages,
    read: before.read + more.read,
    landed: before.landed + more.landed,
    unchanged: before.unchanged + more.unchanged,
    superseded: before.superseded + more.superseded,
    rejected: before.rejected + more.rejected,
  };
}

/** The sum of both; an absent one is nothing. */
export function addRecordFigures(before: RecordFigures | undefined, more: RecordFigures): RecordFigures {
  if (before === undefined) return { ...more };
  return {
    derived: before.derived + more.derived,
    delivered: before.delivered + more.delivered,
    removed: before.removed + more.removed,
    unchanged: before.unchanged + more.unchanged,
    leftOut: before.leftOut + more.leftOut,
    rejected: before.rejected + more.rejected,
    warned: before.warned + more.warned,
    ...addCounts(before.counts, more.counts),
  };
}
