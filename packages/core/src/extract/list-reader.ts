import { type ListEnvelope, parseList, unusable } from "./envelopes.js";
import type { FeedPage } from "./feed-page.js";
import { fingerprintOf } from "./fingerprint.js";
import { judgeList, type ListExpectation, spanOf } from "./judge-list.js";
import { listQuery } from "./list-query.js";
import type { HeldAnswer } from "./page-source.js";
import { pathOf, type ReadOptions } from "./read-options.js";

/** A list that changes each time it is read is given up after this many readings. */
const mostReadings = 5;

export interface ListReadOptions extends ReadOptions {
  /** Filters besides those of the feed. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whether the end of the list is a reading of the whole feed, to be noted in its cursor. */
  readonly isWhole: boolean;
  readonly pageSize: number;
}

/**
 * Reads a list from its first page to its last. Rows that are added or vanish meanwhile shift the pages: when
 * the total moves, the list is read again, so that rows may come more than once but none is missed. Only rows
 * that come and rows that go in one and the same moment hide from the total.
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
  const { feed, pages, signal, pageSize } = options;
  let began: string | null = null;
  let before: ListExpectation["before"] = null;
  let rows = 0;
  for (let page = 1; ; page += 1) {
    const answer: HeldAnswer<ListEnvelope> = await pages.get({
      path,
      query: listQuery(feed, { number: page, size: pageSize }, options.query),
      parse: parseList,
      judge: judgeList({ path, page, isSorted: feed.listSort !== null, needsTotal: false, before }),
      signal,
    });
    const { hasMore, totalCount, rows: own, data } = answer.envelope;
    began ??= new Date(answer.serverTime).toISOString();
    rows += data.length;
    const total: number | null = before === null ? totalCount : before.total;
    const isSteady = totalCount === total && (hasMore || total === null || rows === total);
    const cursor = !hasMore && isSteady && options.isWhole ? wholeCursor(options, began) : null;
    before = { span: spanOf(data), fingerprint: fingerprintOf(data), total };
    yield { rows: own, total, cursor, source: "list", release: answer.release };
    if (!isSteady) return false;
    if (!hasMore) return true;
  }
}

function wholeCursor({ cursor, fullPassOf }: ListReadOptions, began: string) {
  const fullPass = fullPassOf === null ? cursor.fullPass : { ...fullPassOf, token: null, drained: true };
  return { ...cursor, pollBeganAt: null, drainedAt: began, fullPass };
}
