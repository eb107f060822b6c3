import type { FeedName } from "../feeds/feed.js";
import { feeds, type KnownFeedName } from "../feeds/feeds.js";
import { throwIfAborted } from "../http/aborted.js";
import { rowOf } from "../json/page-row.js";
import type { Page } from "../ports/credential-store.js";
import type { StoredRejection } from "../ports/sync-store.js";
import type { TenantScope } from "../ports/tenant.js";
import { checkRows, toEntity } from "../quality/structure-check.js";
import { type RecordPlan, touchesOf } from "./record-plan.js";
import type { RunContext } from "./run-context.js";

/** Rejections in memory at once. */
const pageSize = 100;

/**
 * Gives everything that was rejected another chance: rows whose structure is sound by now are landed, and
 * records that a rule or the sink refused are listed to be derived. What is wrong still stays a rejection.
 */
export async function replayRejections(context: RunContext, plans: readonly RecordPlan[]): Promise<void> {
  const { storage, scope, signal } = context;
  let cursor: string | null = null;
  do {
    throwIfAborted(signal);
    const page: Page<StoredRejection> = await storage.listRejections(
      { companyId: scope.companyId },
      { limit: pageSize, cursor },
    );
    const own = page.items.filter((rejection) => isSameScope(rejection.scope, scope));
    await landSound(
      context,
      own.filter(({ stage }) => stage === "structure"),
    );
    await relist(
      context,
      plans,
      own.filter(({ stage }) => stage !== "structure"),
    );
    cursor = page.next;
  } while (cursor !== null);
}

async function landSound(context: RunContext, rejections: readonly StoredRejection[]): Promise<void> {
  if (rejections.length === 0) return;
  const { storage, lease, scope } = context;
  const cursors = await storage.cursors(scope);
  const isListed = (driver: FeedName): boolean => (cursors.get(driver)?.listedWith ?? null) !== null;
  for (const name of Object.keys(feeds) as KnownFeedName[]) {
    const rows = rejections.flatMap(({ feed, payload }) =>
      feed === name && payload !== null ? [rowOf(payload)] : [],
    );
    const { sound } = checkRows(feeds[name], rows);
    if (sound.length === 0) continue;
    await storage.land({
      lease,
      scope,
      feed: name,
      // Anything that was read since goes before it.
      source: "list",
      entities: sound.map(toEntity),
      rejections: [],
      touches: touchesOf(name, isListed),
      repeated: 0,
      cursor: null,
      endsPage: false,
      noteSeen: false,
      healsBefore: null,
    });
  }
}

async function relist(
  { storage, lease, scope }: RunContext,
  plans: readonly RecordPlan[],
  rejections: readonly StoredRejection[],
): Promise<void> {
  for (const { record, driver } of plans) {
    const ids = rejections.filter(({ feed }) => feed === driver).map(({ entityId }) => entityId);
    const distinct = [...new Set(ids)];
    if (distinct.length > 0) await storage.relist({ lease, scope, record, feed: driver, ids: distinct });
  }
}

function isSameScope(one: TenantScope, other: TenantScope): boolean {
  return (
    one.companyId === other.companyId &&
    one.environment === other.environment &&
    one.tenantId === other.tenantId
  );
}
