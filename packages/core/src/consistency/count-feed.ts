import { throwIfAborted } from "../async/aborted.js";
import type { FeedName } from "../feeds/feed.js";
import type { EntityCount } from "../ports/entity-store.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";

/** Counted in one step. */
const step = 20_000;

/** Counts all landed entities of a feed, step by step. */
export async function countFeed(
  storage: Pick<Storage, "countEntities">,
  params: { readonly scope: TenantScope; readonly feed: FeedName; readonly since: number },
  signal: AbortSignal,
): Promise<Omit<EntityCount, "last">> {
  let [live, removed, landedSince] = [0, 0, 0];
  for (let after: string | null = null; ; ) {
    throwIfAborted(signal);
    const counted: EntityCount = await storage.countEntities({ ...params, after, limit: step });
    live += counted.live;
    removed += counted.removed;
    landedSince += counted.landedSince;
    after = counted.last;
    if (after === null) return { live, removed, landedSince };
  }
}
