import { asCompleted } from "../async/as-completed.js";
import type { BackfillWindow } from "../ports/feed-cursor.js";
import { windowFilters } from "./backfill-plan.js";
import { type ListEnvelope, parseList, unusable } from "./envelopes.js";
import type { FeedPage } from "./feed-page.js";
import { judgeList, overlap, type Span, spanOf } from "./judge-list.js";
import { listQuery } from "./list-query.js";
import type { HeldAnswer } from "./page-source.js";
import { pathOf, type ReadOptions } from "./read-options.js";
import type { ReadingSizes } from "./reading-sizes.js";

/** A window is given up if one of its pages is invalid in this many attempts. */
const maxReadings = 5;

/** A page of a window as it was read. */
interface PageRead extends Span {
  readonly total: number;
}

/** A page, and how far the window is read once it has landed; `null` when that is as far as before. */
export interface WindowPage extends Omit<FeedPage, "cursor"> {
  readonly window: BackfillWindow | null;
}

/**
 * Reads the pages of a window in parallel, from the last one on. Entities only ever leave a window: those that change
 * belong to the export that follows. Those behind one that leaves move to the front, where pages are still to be read.
 * So a page and those behind it leave nothing out between them if it was read later than they were, which a lower total
 * shows, or in the same state, which an equal one shows. A page with a higher total is read again.
 *
 * @throws {@link ApiResponseError} when the window does not come whole.
 */
export async function* readWindow(
  options: ReadOptions,
  window: BackfillWindow,
  until: string,
  sizes: ReadingSizes,
): AsyncGenerator<WindowPage, void, undefined> {
  const { feed, tenantId, pages, signal } = options;
  const { pageSize } = sizes;
  const path = pathOf(feed, tenantId, "list");
  const filters = windowFilters(window, until);

  async function ask(page: number, stop: AbortSignal) {
    const answer: HeldAnswer<ListEnvelope> = await pages.get({
      path,
      query: listQuery(feed, { number: page, size: pageSize }, filters),
      parse: parseList,
      judge: judgeList({ path, page, isSorted: true, needsTotal: true, before: null }),
      signal: stop,
      isFixedSize: true,
    });
    return { page, answer };
  }

  const progress = trackWindow(window, pageSize);
  for (;;) {
    const missing = progress.missing();
    if (missing.length === 0) return;
    if (progress.failures() >= maxReadings)
      throw unusable(path, `a window was not read completely in ${maxReadings} attempts`);
    for await (const { page, answer } of asCompleted(
      missing,
      { limit: sizes.pagesAtOnce, signal, discard },
      ask,
    )) {
      const { rows, totalCount } = answer.envelope;
      const moved = progress.take(page, { ...spanOf(rows), total: totalCount ?? 0 });
      yield { rows, total: null, window: moved, source: "list", release: answer.release };
    }
  }
}

function discard({ answer }: { readonly answer: HeldAnswer<ListEnvelope> }): void {
  answer.release();
}

/**
 * Tracks how far a window has been read: all pages after its front have landed, even if rows have left it
 * since.
 */
function trackWindow(window: BackfillWindow, pageSize: number) {
  const ahead = new Map<number, PageRead>();
  let { rows: total, left = total, failures = 0 } = window;
  let behind: PageRead | null = null;
  const front = (): number => Math.ceil(left / pageSize);

  function isSound(page: number, read: PageRead): boolean {
    const isFull = read.count === Math.max(0, Math.min(pageSize, read.total - (page - 1) * pageSize));
    // Rows that repeat unchanged: something entered the window as something else left it.
    const comesAgain = behind !== null && behind.total === read.total && overlap(read, behind);
    return read.total <= total && isFull && !comesAgain;
  }

  return {
    /** The pages to read, the last one first. */
    missing: (): readonly number[] =>
      Array.from({ length: front() }, (_, index) => front() - index).filter((page) => !ahead.has(page)),
    failures: () => failures,
    /** @returns how far the window has been read by now; `null` when that has not changed. */
    take(page: number, read: PageRead): BackfillWindow | null {
      ahead.set(page, read);
      let hasChanged = false;
      for (let next = ahead.get(front()); next !== undefined; next = ahead.get(front())) {
        hasChanged = true;
        ahead.delete(front());
        if (!isSound(front(), next)) {
          failures += 1;
          for (const [number, { total: given }] of ahead) if (given > total) ahead.delete(number);
          break;
        }
        total = next.total;
        left = Math.min((front() - 1) * pageSize, total);
        behind = next;
        failures = 0;
      }
      return hasChanged ? { from: window.from, to: window.to, rows: total, left, failures } : null;
    },
  };
}
