import { z } from "zod";
import type { Feed, FeedName } from "../../feeds/feed.js";
import type { SyncData } from "../../ports/sync-run.js";
import type { Touch } from "../../ports/work-queue.js";
import type { RecordType } from "../record.js";
import { type ColumnsOfFields, columnsOfFields } from "./columns-of-fields.js";
import type { RecordDefinition } from "./define-record.js";
import { planOf, type RecordPlan } from "./record-plan.js";

/** The record types that an instance knows, and what follows from them together. */
export interface RecordCatalog {
  /** In the order in which they are derived. */
  readonly plans: readonly RecordPlan[];
  /** Every feed that a record is made of, by name. */
  readonly feeds: ReadonlyMap<FeedName, Feed>;
  /** The feeds whose entities become records. */
  readonly drivers: readonly FeedName[];
  /** The feeds that only supply fields that the drivers lack. */
  readonly related: readonly FeedName[];
  /** By feed, its fields and the columns that are made of each. */
  readonly fields: ReadonlyMap<FeedName, ColumnsOfFields>;
}

/** What follows from definitions of records, each of a type and its own driver. */
export function createCatalog(definitions: readonly RecordDefinition[]): RecordCatalog {
  const plans = definitions.map(planOf);
  const drivers = plans.map(({ driver }) => driver);
  const all = [
    ...definitions.map(({ driver }) => driver),
    ...definitions.flatMap(({ relations }) => Object.values(relations).map(({ feed }) => feed)),
  ];
  const feeds = new Map(all.map((feed) => [feed.name, feed]));
  return {
    plans,
    feeds,
    drivers,
    related: [...feeds.keys()].filter((name) => !drivers.includes(name)),
    fields: new Map([...feeds.values()].map((feed) => [feed.name, columnsOfFields(feed, definitions)])),
  };
}

/** A feed of the catalog. @throws TypeError when it has no such feed. */
export function feedOf({ feeds }: Pick<RecordCatalog, "feeds">, name: FeedName): Feed {
  const feed = feeds.get(name);
  if (feed === undefined) throw new TypeError(`There is no feed "${name}".`);
  return feed;
}

/** The plans of the record types that a run was asked for, in the order in which they are derived. */
export function plansFor({ plans }: RecordCatalog, data: SyncData): readonly RecordPlan[] {
  return plans.filter(({ driver }) => data === "both" || driver === data);
}

/** What `data` may name: a driver, or `both` for every record type. */
export function dataSchema({ drivers }: Pick<RecordCatalog, "drivers">) {
  return z.enum([...drivers, "both"]).default("both");
}

/** The plan of a record type. @throws TypeError when there is none. */
export function planFor({ plans }: RecordCatalog, record: RecordType): RecordPlan {
  const plan = plans.find((each) => each.record === record);
  if (plan === undefined) throw new TypeError(`There is no record type "${record}".`);
  return plan;
}

/**
 * What a landed change of `feed` lists. Record types whose driver has never been listed whole are left out:
 * their deriving begins with everything.
 */
export function touchesOf(
  { plans }: RecordCatalog,
  feed: FeedName,
  isQueued: (driver: FeedName, record: RecordType) => boolean,
): readonly Touch[] {
  return plans
    .filter(({ driver, record }) => isQueued(driver, record))
    .flatMap(({ record, touches }) => (touches.get(feed) ?? []).map((touch) => ({ record, ...touch })));
}
