import type { FeedName } from "../../feeds/feed.js";
import type { KnownFeedName } from "../../feeds/feeds.js";
import type { SyncData } from "../../ports/sync-run.js";
import type { Expansion, Touch } from "../../ports/work-queue.js";
import type { RecordDefinition } from "../../records/definitions/define-record.js";
import { recordDefinitions } from "../../records/definitions/definitions.js";
import { expansionsOf, feedsBesideDriver, touchesBy } from "../../records/definitions/reach.js";
import type { RecordType } from "../../records/record.js";

/** How one record type comes about: which feeds it needs, and which of its records a change concerns. */
export interface RecordPlan {
  readonly record: RecordType;
  readonly definition: RecordDefinition;
  /** Each of its entities is one record. */
  readonly driver: KnownFeedName;
  readonly related: readonly KnownFeedName[];
  /** What a landed change of a feed puts on the work queue. */
  readonly touches: ReadonlyMap<FeedName, readonly Omit<Touch, "record">[]>;
  /** How listed entities lead to those of the driver, in the order to follow. */
  readonly expansions: readonly Omit<Expansion, "record">[];
}

const plans: readonly RecordPlan[] = recordDefinitions.map((definition) => ({
  record: definition.type,
  definition,
  driver: definition.driver.name as KnownFeedName,
  related: feedsBesideDriver(definition) as readonly KnownFeedName[],
  touches: touchesBy(definition),
  expansions: expansionsOf(definition),
}));

/** The plans of the record types that a run was asked for, in the order in which they are derived. */
export function plansFor(data: SyncData): readonly RecordPlan[] {
  return plans.filter(({ driver }) => data === "both" || driver === data);
}

/**
 * What a landed change of `feed` lists. Record types whose driver has never been listed whole are left out:
 * their deriving begins with everything.
 */
export function touchesOf(
  feed: KnownFeedName,
  isListed: (driver: FeedName, record: RecordType) => boolean,
): readonly Touch[] {
  return plans
    .filter(({ driver, record }) => isListed(driver, record))
    .flatMap(({ record, touches }) => (touches.get(feed) ?? []).map((touch) => ({ record, ...touch })));
}
