import type { Feed, FeedName } from "../../feeds/feed.js";
import type { Expansion, Touch } from "../../ports/work-queue.js";
import type { RecordType } from "../record.js";
import { rootsOf } from "./define-join.js";
import type { RecordDefinition } from "./define-record.js";
import { expansionsOf, feedsBesideDriver, touchesBy } from "./reach.js";

/** How one record type comes about: which feeds it needs, and which of its records a change concerns. */
export interface RecordPlan {
  readonly record: RecordType;
  readonly definition: RecordDefinition;
  /** Each of its entities is one record. */
  readonly driver: FeedName;
  readonly related: readonly FeedName[];
  /** What a landed change of a feed puts on the work queue. */
  readonly touches: ReadonlyMap<FeedName, readonly Omit<Touch, "record">[]>;
  /** How queued entities lead to those of the driver, in the order of the steps. */
  readonly expansions: readonly Omit<Expansion, "record">[];
  /** Where a column path may start, and the rows that it finds there. */
  readonly roots: Readonly<Record<string, { readonly feed: Feed; readonly isList: boolean }>>;
  /** Names of its columns, in the order of the host's table. */
  readonly columns: readonly string[];
}

/** What follows from a definition. @throws TypeError when it cannot be followed: see {@link touchesBy}. */
export function planOf(definition: RecordDefinition): RecordPlan {
  return {
    record: definition.type,
    definition,
    driver: definition.driver.name,
    related: feedsBesideDriver(definition),
    touches: touchesBy(definition),
    expansions: expansionsOf(definition),
    roots: rootsOf(definition),
    columns: Object.keys(definition.columns),
  };
}
