import type { SettledItem } from "../ports/delivery-store.js";
import type { LandParams, LandResult } from "../ports/landing-store.js";
import type { FeedFigures, RecordFigures } from "../ports/sync-run.js";
import { addCounts } from "./findings.js";

export const noFeedFigures: FeedFigures = {
  pages: 0,
  read: 0,
  landed: 0,
  unchanged: 0,
  superseded: 0,
  suppressed: 0,
  rejected: 0,
};

export const noRecordFigures: RecordFigures = {
  derived: 0,
  delivered: 0,
  removed: 0,
  unchanged: 0,
  leftOut: 0,
  rejected: 0,
  warned: 0,
};

export function addFeedFigures(left: FeedFigures, right: FeedFigures): FeedFigures {
  return {
    pages: left.pages + right.pages,
    read: left.read + right.read,
    landed: left.landed + right.landed,
    unchanged: left.unchanged + right.unchanged,
    superseded: left.superseded + right.superseded,
    suppressed: left.suppressed + right.suppressed,
    rejected: left.rejected + right.rejected,
  };
}

export function addRecordFigures(left: RecordFigures, right: RecordFigures): RecordFigures {
  return {
    derived: left.derived + right.derived,
    delivered: left.delivered + right.delivered,
    removed: left.removed + right.removed,
    unchanged: left.unchanged + right.unchanged,
    leftOut: left.leftOut + right.leftOut,
    rejected: left.rejected + right.rejected,
    warned: left.warned + right.warned,
    ...addCounts(left.counts, right.counts),
  };
}

/** What one landing adds to its run's figures. */
export function landingFigures(
  {
    endsPage,
    entities,
    rejections,
    repeated,
    suppressed = [],
  }: Pick<LandParams, "endsPage" | "entities" | "rejections" | "repeated" | "suppressed">,
  { landed, unchanged, superseded }: LandResult,
): FeedFigures {
  return {
    pages: endsPage ? 1 : 0,
    read: entities.length + rejections.length + repeated + suppressed.length,
    landed,
    unchanged,
    superseded: superseded + repeated,
    suppressed: suppressed.length,
    rejected: rejections.length,
  };
}

/** The figures of settled keys, warnings aside. */
export function countOutcomes(settled: readonly SettledItem[]): RecordFigures {
  const count = (...outcomes: readonly SettledItem["outcome"][]): number =>
    settled.filter((item) => outcomes.includes(item.outcome)).length;
  return {
    ...noRecordFigures,
    derived: settled.length,
    delivered: count("upserted", "removed"),
    removed: count("removed"),
    unchanged: count("unchanged"),
    leftOut: count("left-out"),
    rejected: count("rejected"),
  };
}
