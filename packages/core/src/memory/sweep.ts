import type { FeedName } from "../feeds/feed.js";
import type { SweepResult, Touch } from "../ports/sync-store.js";
import type { EntityRow } from "./feed-entities.js";
import type { TenantData } from "./tenant-data.js";

/** Marks entities removed that were not seen, unless they are more than `maxShare` of the feed's. */
export function sweepAbsent(
  tenant: TenantData,
  { feed, touches, maxShare }: { feed: FeedName; touches: readonly Touch[]; maxShare: number },
  isSeen: (id: string) => boolean,
): SweepResult {
  const entities = tenant.entities(feed);
  const absent: EntityRow[] = [];
  let total = 0;
  for (const [id, row] of entities.above(null)) {
    if (row.removed) continue;
    total += 1;
    if (!isSeen(id)) absent.push(row);
  }
  if (absent.length > maxShare * total) return { total, absent: absent.length, removed: 0 };
  for (const row of absent) {
    entities.markRemoved(row);
    tenant.touch(touches, row, row);
  }
  return { total, absent: absent.length, removed: absent.length };
}
