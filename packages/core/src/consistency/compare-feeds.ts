import { throwIfAborted } from "../async/aborted.js";
import { eachItem, eachPage } from "../async/each-page.js";
import { TitanSyncError } from "../errors.js";
import { parseList } from "../extract/envelopes.js";
import { safelyBefore } from "../extract/lag.js";
import { listQuery } from "../extract/list-query.js";
import { pathOf } from "../extract/read-options.js";
import { isOwned } from "../feeds/customer-links.js";
import type { Feed, FeedName } from "../feeds/feed.js";
import type { ApiClient } from "../http/api-client.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { countFeed } from "./count-feed.js";
import type { FoundDifference } from "./difference.js";
import type { FindDismissed } from "./dismissed.js";

type View = Pick<
  Storage,
  "findCursors" | "countEntities" | "listRejections" | "findEntitySizes" | "listSuppressions"
>;

/** Rejections, and entries of the suppression list, in memory at once. */
const pageSize = 500;

/** Whose landed rows are compared. */
export interface ComparedTenant {
  readonly credentialId: string;
  readonly scope: TenantScope;
  /** The newest first. */
  readonly runs: readonly StoredRun[];
  /** Feeds that the company has turned off: their landed rows are as old as that setting. */
  readonly feedsOff: readonly FeedName[];
  readonly findDismissed: FindDismissed;
}

/** Feeds whose list endpoint returns the same rows as the landed ones. */
function comparableIn({ feeds }: Pick<RecordCatalog, "feeds">): readonly Feed[] {
  return [...feeds.values()].filter((feed) => feed.listEqualsExport || feed.reader === "list");
}

/** Landed rows of each feed against what the API's list says there are. */
export async function compareFeeds(
  catalog: Pick<RecordCatalog, "feeds">,
  storage: View,
  client: ApiClient,
  { credentialId, scope, runs, feedsOff, findDismissed }: ComparedTenant,
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  const cursors = await storage.findCursors(scope);
  const suppressedSince = await lastSuppression(storage, scope);
  const found: FoundDifference[] = [];
  for (const feed of comparableIn(catalog).filter(({ name }) => !feedsOff.includes(name))) {
    const drainedAt = cursors.get(feed.name)?.drainedAt ?? null;
    if (drainedAt === null) continue;
    throwIfAborted(signal);
    try {
      const { live } = await countFeed(storage, { scope, feed: feed.name, since: 0 }, signal);
      const since = { modifiedOnOrAfter: safelyBefore(drainedAt) };
      const total = await totalOf(client, feed, scope, {}, signal);
      const changed = await totalOf(client, feed, scope, since, signal);
      if (total === null || changed === null) continue;
      const unlanded = await unlandedIds(storage, scope, credentialId, feed.name, signal);
      const rejected = unlanded.size;
      const unreadable = [...unlanded].filter((id) => !isReadable(id)).length;
      const suppressed = isOwned(feed) ? countSuppressed(feed.name, runs, suppressedSince, live) : 0;
      const counts = { total, live, changed, rejected, unreadable };
      if (missingOf(counts, suppressed) <= changed) {
        found.push(...judge(feed.name, { ...counts, dismissed: 0 }, suppressed));
        continue;
      }
      const closed = [...(await findDismissed(feed.name, ["structure"]))].filter((id) => !unlanded.has(id));
      const landed = await storage.findEntitySizes({ scope, feed: feed.name, ids: closed });
      const dismissed = closed.length - landed.length;
      found.push(...judge(feed.name, { ...counts, dismissed }, suppressed));
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
  /** Rows that, according to the API, changed since shortly before the last reading started. */
  readonly changed: number;
  readonly rejected: number;
  /** Rejected rows without a readable id: they may be versions of landed rows. */
  readonly unreadable: number;
  /** Rows that did not land and whose rejections were dismissed. */
  readonly dismissed: number;
}

/** Rows that the API lists and that are neither landed nor otherwise accounted for. */
function missingOf(
  { total, live, rejected }: Pick<Counted, "total" | "live" | "rejected">,
  suppressed: number | null,
): number {
  return total - live - rejected - (suppressed ?? 0);
}

/** @param suppressed - rows of erased customers that the API still lists; `null` if they were not counted. */
function judge(feed: FeedName, counted: Counted, suppressed: number | null): readonly FoundDifference[] {
  const { total, live, changed, rejected, unreadable, dismissed } = counted;
  const counts = { ...counted, ...(suppressed !== null && { suppressed }) };
  const missing = missingOf(counted, suppressed);
  if (missing - dismissed > changed) {
    const keptOut = suppressed === null || suppressed === 0 ? "" : ` and ${suppressed} suppressed`;
    const said = `The API lists ${total} ${feed}; ${live} are landed, ${rejected} rejected${keptOut}. ${changed} changed since the last sync.`;
    const about = { code: "API_HAS_MORE", subject: feed, counts } as const;
    return suppressed === null
      ? [
          {
            ...about,
            level: "note",
            message: `${said} Customers were erased since the last full pass; the number of their suppressed rows is not known yet.`,
            hint: "Run a full sync, then check again.",
          },
        ]
      : [
          {
            ...about,
            level: "problem",
            message: said,
            hint: "Run a full sync. If they are still missing, report it.",
          },
        ];
  }
  if (-missing - unreadable > changed) {
    return [
      {
        code: "API_HAS_FEWER",
        level: "warning",
        subject: feed,
        message: `${live} ${feed} are landed and ${rejected} rejected; the API lists ${total}. ${changed} changed since the last sync.`,
        hint: "Only a full sync finds rows that ServiceTitan deleted: run one.",
        counts,
      },
    ];
  }
  return [];
}

/** When a customer was last added to the tenant's suppression list; `null` if it is empty. */
async function lastSuppression(
  storage: Pick<View, "listSuppressions">,
  { companyId, environment, tenantId }: TenantScope,
): Promise<number | null> {
  let last: number | null = null;
  const filter = { companyId, environment };
  const suppressed = eachItem((page) => storage.listSuppressions(filter, page), { pageSize });
  for await (const { scope, suppressedAt } of suppressed) {
    if (scope.tenantId === tenantId) last = Math.max(last ?? 0, suppressedAt);
  }
  return last;
}

/**
 * The rows that the newest reading of the whole feed suppressed. The list contains hashes, so the API
 * cannot be queried for its rows.
 * @param since - when a customer was last added to the list; `null` if it is empty.
 * @returns `null` if the whole feed has not been read since.
 */
function countSuppressed(
  feed: FeedName,
  runs: readonly StoredRun[],
  since: number | null,
  live: number,
): number | null {
  if (since === null) return 0;
  const whole = runs.find(({ startedAt, completedAt, request, feeds: { [feed]: figures } }) => {
    const isWhole = request.mode === "full" || (figures?.read ?? 0) >= live;
    return startedAt >= since && completedAt !== null && figures !== undefined && isWhole;
  });
  return whole?.feeds[feed]?.suppressed ?? null;
}

function notRead(feed: FeedName, error: TitanSyncError): FoundDifference {
  return {
    code: "API_NOT_READ",
    level: "note",
    subject: feed,
    message: `Could not count ${feed} at ServiceTitan: ${error.message}`,
    hint: error.hint,
  };
}

/** `null` if the API does not return one. */
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
async function unlandedIds(
  storage: View,
  scope: TenantScope,
  credentialId: string,
  feed: FeedName,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const unlanded = new Set<string>();
  const filter = { credentialId, feed, stage: "structure" } as const;
  for await (const refused of eachPage((page) => storage.listRejections(filter, page), {
    pageSize,
    signal,
  })) {
    const ids = refused.map(({ entityId }) => entityId);
    const landed = await storage.findEntitySizes({ scope, feed, ids });
    const known = new Set(landed.map(({ id }) => id));
    for (const id of ids) if (!known.has(id)) unlanded.add(id);
  }
  return unlanded;
}

/** Whether it is a ServiceTitan id, and not a name for a row whose id could not be read. */
const isReadable = (id: string): boolean => /^\d+$/.test(id);
