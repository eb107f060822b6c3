import type { FeedName } from "../feeds/feed.js";
import type { ErasureReader } from "../ports/erasure-store.js";
import type { RecordPlan } from "../records/definitions/record-plan.js";
import type { OwnedData } from "./owned-data.js";

/** Records that hold something of a customer. */
export interface AffectedRecords {
  /** Records of the customer's own entities: they are removed. */
  readonly own: ReadonlySet<string>;
  /**
   * Other records that may contain something of the customer: they were delivered while their entity was
   * the customer's, or were joined with an entity of the customer. They are removed too, and return when
   * they are derived again.
   */
  readonly others: ReadonlySet<string>;
}

/** Finds the records of one type that hold something of a customer. */
export async function affectedRecords(
  reader: ErasureReader,
  { record, driver, expansions }: RecordPlan,
  { customers, entities, refused }: OwnedData,
): Promise<AffectedRecords> {
  const own = entities.get(driver) ?? new Set<string>();
  const listed = new Map<FeedName, Set<string>>([...entities].map(([feed, ids]) => [feed, new Set(ids)]));
  const add = (feed: FeedName, id: string | null): void => {
    if (id === null) return;
    const ids = listed.get(feed) ?? new Set<string>();
    listed.set(feed, ids.add(id));
  };
  for (const { feed, child, childLink, target } of expansions) {
    const ids = [...(listed.get(feed) ?? [])];
    if (ids.length === 0) continue;
    for (const entity of await reader.findEntitiesByLink({ feed: child, link: childLink, ids })) {
      if (target === null) add(child, entity.id);
      else add(target.feed, entity.links[target.link] ?? null);
    }
  }
  for (const { feed, id } of refused) if (feed === driver) add(driver, id);
  const texts = [...customers].map((id) => `"customer_id":${JSON.stringify(id)}`);
  for (const id of await reader.findDeliveredContaining({ record, texts })) add(driver, id);
  const others = [...(listed.get(driver) ?? [])].filter((id) => !own.has(id));
  return { own, others: new Set(others) };
}
