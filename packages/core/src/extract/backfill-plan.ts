import type { BackfillWindow, FeedCursor } from "../ports/feed-cursor.js";
import { parseList, unusable } from "./envelopes.js";
import { judgeList } from "./judge-list.js";
import { safelyBefore } from "./lag.js";
import { listQuery } from "./list-query.js";
import { pathOf, type ReadOptions } from "./read-options.js";
import type { ReadingSizes } from "./reading-sizes.js";

/**
 * Before ServiceTitan existed. Rows with earlier dates (migrated rows have the year 1) are in the first
 * window.
 */
const origin = Date.UTC(2005, 0, 1);
/** Windows shorter than this are not divided further. */
const narrowest = 60_000;
const maxTries = 3;

type Filters = Readonly<Record<string, string>>;

/** The filters of the entities that a first load reads, and the export from `until` on does not. */
export function windowFilters({ from, to }: Pick<BackfillWindow, "from" | "to">, until: string): Filters {
  return {
    ...(from === null ? {} : { createdOnOrAfter: from }),
    createdBefore: to,
    modifiedBefore: until,
  };
}

/**
 * Looks at what a feed holds: one window, which is still to be divided.
 *
 * @returns `null` where a parallel first load is not worth its requests, or not safe: when some entity would be
 * neither in a window nor in the export from `until` on, because it lacks a date or the API ignores a filter.
 */
export async function planBackfill(
  options: ReadOptions,
  sizes: ReadingSizes,
): Promise<{ readonly began: string; readonly backfill: NonNullable<FeedCursor["backfill"]> } | null> {
  const all = await count(options, {});
  if (all.rows < sizes.minRows) return null;
  const until = safelyBefore(all.at);
  const whole = { from: null, to: until };
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const [total, within, changed] = await Promise.all([
      tries === 1 ? all : count(options, {}),
      count(options, windowFilters(whole, until)),
      count(options, { modifiedOnOrAfter: until }),
    ]);
    // Rows that are added meanwhile make the sum wrong: the next try is likely to succeed.
    if (total.rows !== within.rows + changed.rows) continue;
    if (within.rows < sizes.minRows) return null;
    return { began: all.at, backfill: { until, windows: [{ ...whole, rows: within.rows }] } };
  }
  return null;
}

/**
 * Halves the windows that are too large. Asked again and again it ends with windows of about equal size.
 *
 * @returns `null` when there is nothing to divide.
 */
export async function divideWindows(
  options: ReadOptions,
  { until, windows }: NonNullable<FeedCursor["backfill"]>,
  maxRows: number,
): Promise<NonNullable<FeedCursor["backfill"]> | null> {
  if (!windows.some((window) => isDivisible(window, maxRows))) return null;
  const divided = await Promise.all(
    windows.map((window) => (isDivisible(window, maxRows) ? halve(options, window, until) : [window])),
  );
  const filled = divided.flat().filter(({ rows }) => rows > 0);
  return { until, windows: join(filled, maxRows) };
}

function isDivisible(window: BackfillWindow, maxRows: number): boolean {
  return (
    window.left === undefined && window.rows > maxRows && Date.parse(window.to) - beginOf(window) >= narrowest
  );
}

const beginOf = ({ from }: BackfillWindow): number => (from === null ? origin : Date.parse(from));

async function halve(
  options: ReadOptions,
  window: BackfillWindow,
  until: string,
): Promise<readonly BackfillWindow[]> {
  const middle = new Date((beginOf(window) + Date.parse(window.to)) / 2).toISOString();
  const earlier = { from: window.from, to: middle };
  const { rows } = await count(options, windowFilters(earlier, until));
  if (rows > window.rows)
    throw unusable(pathOf(options.feed, options.tenantId, "list"), "a window has grown");
  return [
    { ...earlier, rows },
    { from: middle, to: window.to, rows: window.rows - rows },
  ];
}

/** Halving leaves small adjacent windows. None of them has been read yet. */
function join(windows: readonly BackfillWindow[], maxRows: number): readonly BackfillWindow[] {
  const joined: BackfillWindow[] = [];
  for (const window of windows) {
    const last = joined.at(-1);
    if (last === undefined || last.rows + window.rows > maxRows) joined.push(window);
    else joined.splice(-1, 1, { from: last.from, to: window.to, rows: last.rows + window.rows });
  }
  return joined;
}

async function count(
  { pages, feed, tenantId, signal }: ReadOptions,
  filters: Filters,
): Promise<{ readonly rows: number; readonly at: string }> {
  const path = pathOf(feed, tenantId, "list");
  const { envelope, serverTime, release } = await pages.get({
    path,
    query: listQuery(feed, { number: 1, size: 1 }, filters),
    parse: parseList,
    judge: judgeList({ path, page: 1, isSorted: true, needsTotal: true, before: null }),
    signal,
    isCount: true,
  });
  release();
  return { rows: envelope.totalCount ?? 0, at: new Date(serverTime).toISOString() };
}
