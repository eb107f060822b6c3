import type { BackfillWindow } from "../ports/sync-store.js";
import { asCompleted } from "./as-completed.js";
import { windowFilters } from "./backfill-plan.js";
import { type ListEnvelope, parseList, unusable } from "./envelopes.js";
import type { FeedPage } from "./feed-page.js";
import { judgeList, overlap, type Span, spanOf } from "./judge-list.js";
import { listQuery } from "./list-query.js";
import type { HeldAnswer } from "./page-source.js";
import { pathOf, type ReadOptions } from "./read-options.js";
import type { ReadingSizes } from "./reading-sizes.js";

/** A window that does not come whole in so many readings is given up. */
const mostReadings = 5;

/** What was read of a window so far. */
interface PageRead extends Span {
  readonly total: number;
}

/**
 * Reads all pages of a window side by side, in any order. Entities only ever leave a window: those that change
 * belong to the export that follows. So pages that all give one total show one and the same state, and pages
 * that do not are read again.
 *
 * @throws {@link ApiResponseError} when the window does not come whole.
 */
export async function* readWindow(
  options: ReadOptions,
  window: BackfillWindow,
  until: string,
  sizes: ReadingSizes,
): AsyncGenerator<FeedPage, void, undefined> {
  const { feed, tenantId, pages, signal } = options;
  const path = pathOf(feed, tenantId, "list");
  const filters = windowFilters(window, until);
  const read = new Map<number, PageRead>();

  async function ask(page: number, stop: AbortSignal) {
    const answer: HeldAnswer<ListEnvelope> = await pages.get({
      path,
      query: listQuery(feed, { number: page, size: sizes.pageSize }, filters),
      parse: parseList,
      judge: judgeList({ path, page, isSorted: true, needsTotal: true, before: null }),
      signal: stop,
      isFixedSize: true,
    });
    return { page, answer };
  }

  let missing = pagesOf(window.rows, sizes.pageSize);
  for (let reading = 1; missing.length > 0; reading += 1) {
    if (reading > mostReadings)
      throw unusable(path, `a window did not come whole in ${mostReadings} readings`);
    for await (const { page, answer } of asCompleted(
      missing,
      { limit: sizes.requests, signal, discard },
      ask,
    )) {
      const { rows, data, totalCount } = answer.envelope;
      read.set(page, { ...spanOf(data), total: totalCount ?? 0 });
      yield { rows, total: null, cursor: null, source: "list", release: answer.release };
    }
    missing = unsound(read, sizes.pageSize);
  }
}

function discard({ answer }: { readonly answer: HeldAnswer<ListEnvelope> }): void {
  answer.release();
}

/** The pages that must be read again. */
function unsound(read: ReadonlyMap<number, PageRead>, pageSize: number): readonly number[] {
  const total = Math.min(...[...read.values()].map((page) => page.total));
  const pages = pagesOf(total, pageSize);
  if (pages.some((page) => read.get(page)?.total !== total)) return pages;
  return pages.filter((page) => {
    const own = read.get(page);
    const before = read.get(page - 1);
    const after = read.get(page + 1);
    const isFull = own?.count === Math.min(pageSize, total - (page - 1) * pageSize);
    return (
      own === undefined ||
      !isFull ||
      (before !== undefined && overlap(before, own)) ||
      (after !== undefined && overlap(own, after))
    );
  });
}

function pagesOf(rows: number, pageSize: number): readonly number[] {
  return Array.from({ length: Math.max(1, Math.ceil(rows / pageSize)) }, (_, index) => index + 1);
}
