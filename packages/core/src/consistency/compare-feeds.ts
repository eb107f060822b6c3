import { TitanSyncError } from "../errors.js";
import { parseList } from "../extract/envelopes.js";
import { safelyBefore } from "../extract/lag.js";
import { listQuery } from "../extract/list-query.js";
import { pathOf } from "../extract/read-options.js";
import type { Feed, FeedName } from "../feeds/feed.js";
import { feeds } from "../feeds/feeds.js";
import { throwIfAborted } from "../http/aborted.js";
import type { ApiClient } from "../http/api-client.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import { countFeed } from "./count-feed.js";
import type { FoundDifference } from "./difference.js";

type View = Pick<Storage, "cursors" | "countEntities" | "listRejections" | "entitySizes">;

/** Feeds whose list gives the same rows as what is landed. */
const comparable: readonly Feed[] = Object.values(feeds).filter(
  (feed: Feed) => feed.listEqualsExport || feed.reader === "list",
);

/** Landed rows of each feed against what the API's list says there are. */
export async function compareFeeds(
  storage: View,
  client: ApiClient,
  scope: TenantScope,
  credentialId: string,
  runs: readonly StoredRun[],
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  const cursors = await storage.cursors(scope);
  const found: FoundDifference[] = [];
  for (const feed of comparable) {
    const drainedAt = cursors.get(feed.name)?.drainedAt ?? null;
    if (drainedAt === null) continue;
    throwIfAborted(signal);
    try {
      const { live } = await countFeed(storage, { scope, feed: feed.name, since: 0 }, signal);
      const since = { modifiedOnOrAfter: safelyBefore(drainedAt) };
      const total = await totalOf(client, feed, scope, {}, signal);
      const changed = await totalOf(client, feed, scope, since, signal);
      if (total === null || changed === null) continue;
      const rejected = await countUnlanded(storage, scope, credentialId, feed.name, signal);
      const suppressed = Math.max(0, ...runs.map((run) => run.feeds[feed.name]?.suppressed ?? 0));
      found.push(...judge(feed.name, { total, live, changed, rejected, suppressed }));
    } catch (error) {
      if (signal.aborted || !TitanSyncError.is(error)) throw error;
      found.push(notRead(feed.name, error));
    }
  }
  return found;
}

interface Counted extends Readonly<Record<string, number>> {
  readonly total: number;
  readonly live: number;
  /** By the API, changed since shortly before the last reading began. */
  readonly changed: number;
  readonly rejected: number;
  readonly suppressed: number;
}

function judge(feed: FeedName, counts: Counted): readonly FoundDifference[] {
  const { total, live, changed, rejected, suppressed } = counts;
  const missing = total - live - rejected;
  if (missing > changed + suppressed) {
    return [
      {
        code: "API_HAS_MORE",
        level: "problem",
        subject: feed,
        message: `The API lists ${total} ${feed}; ${live} are landed and ${rejected} rejected. ${changed} changed since the last sync.`,
        hint: "Run a full sync. If they are still missing, report it.",
        counts,
      },
    ];
  }
  if (-missing > changed) {
    return [
      {
        code: "API_HAS_FEWER",
        level: "warning",
        subject: feed,
        message: `${live} ${feed} are landed; the API lists ${total}. ${changed} changed since the last sync.`,
        hint: "What ServiceTitan deletes is found by a full sync only: run one.",
        counts,
      },
    ];
  }
  return [];
}

function notRead(feed: FeedName, error: TitanSyncError): FoundDifference {
  return {
    code: "API_NOT_READ",
    level: "note",
    subject: feed,
    message: `${feed} could not be counted at ServiceTitan: ${error.message}`,
    hint: error.hint,
  };
}

/** `null` where the API does not tell. */
async function totalOf(
  client: ApiClient,
  feed: Feed,
  { tenantId }: TenantScope,
  filters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number | null> {
  const path = pathOf(feed, tenantId, "list");
  const answer = await client.get(path, listQuery(feed, { number: 1, size: 1 }, filters), {
    signal,
    accept: (content) => void parseList(content, path),
  });
  return parseList(answer, path).totalCount;
}

/** Rows that the structure check refused and of which no earlier version is landed. */
async function countUnlanded(
  storage: View,
  scope: TenantScope,
  credentialId: string,
  feed: FeedName,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    throwIfAborted(signal);
    const page: Awaited<ReturnType<View["listRejections"]>> = await storage.listRejections(
      { credentialId, feed, stage: "structure" },
      { limit: 500, cursor },
    );
    const ids = page.items.map(({ entityId }) => entityId);
    const landed = await storage.entitySizes({ scope, feed, ids });
    count += ids.length - landed.length;
    cursor = page.next;
  }
  return count;
}
