import { type ListEnvelope, parseList, unusable } from "./envelopes.js";
import type { FeedPage } from "./feed-page.js";
import { pathOf, type ReadOptions } from "./read-options.js";

const pageSize = 1000;
/** A list that changes each time it is read is given up after this many readings. */
const mostReadings = 5;

export interface ListReadOptions extends ReadOptions {
  /** Filters besides those of the feed. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whether the end of the list is a reading of the whole feed, to be noted in its cursor. */
  readonly isWhole: boolean;
}

/**
 * Reads a list from its first page to its last. Rows that are added or vanish meanwhile shift the pages: when
 * the total moves, the list is read again, so that rows may come more than once but none is missed.
 *
 * @throws what the client throws; {@link ApiResponseError} when the list cannot be followed.
 */
export async function* readList(options: ListReadOptions): AsyncGenerator<FeedPage, void, undefined> {
  const { feed, tenantId } = options;
  const path = pathOf(feed, tenantId, "list");
  for (let reading = 1; reading <= mostReadings; reading += 1) {
    const steady = yield* readOnce(path, options);
    if (steady) return;
  }
  throw unusable(path, `the list changed during each of ${mostReadings} readings`);
}

async function* readOnce(
  path: string,
  options: ListReadOptions,
): AsyncGenerator<FeedPage, boolean, undefined> {
  let began: string | null = null;
  let total: number | null = null;
  let rows = 0;
  for (let page = 1; ; page += 1) {
    const answer = await ask(path, page, options);
    began ??= new Date(answer.serverTime).toISOString();
    total ??= answer.totalCount ?? null;
    rows += answer.data.length;
    const isLast = !answer.hasMore;
    if (answer.hasMore && answer.data.length === 0) throw unusable(path, "the list claims more without rows");
    const isSteady = total === (answer.totalCount ?? null) && (!isLast || total === null || rows === total);
    const cursor = isLast && isSteady && options.isWhole ? wholeCursor(options, began) : null;
    yield { rows: answer.data, total, cursor, source: "list" };
    if (!isSteady) return false;
    if (isLast) return true;
  }
}

async function ask(
  path: string,
  page: number,
  { client, feed, query, signal, clock }: ListReadOptions,
): Promise<ListEnvelope & { readonly serverTime: number }> {
  const { body, serverTime } = await client.get(
    path,
    {
      ...feed.listQuery,
      ...query,
      ...(feed.listSort === null ? {} : { sort: feed.listSort }),
      page: String(page),
      pageSize: String(pageSize),
      includeTotal: "true",
    },
    { signal },
  );
  return { ...parseList(body, path), serverTime: serverTime ?? clock.now() };
}

function wholeCursor({ cursor, fullPassOf }: ListReadOptions, began: string) {
  const fullPass = fullPassOf === null ? cursor.fullPass : { runId: fullPassOf, token: null, drained: true };
  return { ...cursor, pollBeganAt: null, drainedAt: began, fullPass };
}
