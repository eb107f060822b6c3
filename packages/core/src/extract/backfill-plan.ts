import type { BackfillWindow, FeedCursor } from "../ports/sync-store.js";
import { parseList } from "./envelopes.js";
import { judgeList } from "./judge-list.js";
import { safelyBefore } from "./lag.js";
import { listQuery } from "./list-query.js";
import { pathOf, type ReadOptions } from "./read-options.js";
import type { ReadingSizes } from "./reading-sizes.js";

/** ServiceTitan is younger. What is dated earlier (migrated rows carry the year 1) is in the first window. */
const origin = Date.UTC(2005, 0, 1);
/** What was created within less is not divided further. */
const narrowest = 60_000;
const mostTries = 3;

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
 * Divides what a feed holds into windows of about equal size.
 *
 * @returns `null` where a parallel first load is not worth its requests, or not safe: when some entity would be
 * neither in a window nor in the export from `until` on, because it lacks a date or the API ignores a filter.
 */
export async function planBackfill(
  options: ReadOptions,
  sizes: ReadingSizes,
): Promise<{ readonly began: string; readonly backfill: NonNullable<FeedCursor["backfill"]> } | null> {
  const all = await count(options, {});
  if (all.rows < sizes.leastRows) return null;
  const until = safelyBefore(all.at);
  const whole = { from: null, to: until };
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const [total, within, changed] = await Promise.all([
      tries === 1 ? all : count(options, {}),
      count(options, windowFilters(whole, until)),
      count(options, { modifiedOnOrAfter: until }),
    ]);
    // Rows that are added in between upset the sum: the next try is likely to be quieter.
    if (total.rows !== within.rows + changed.rows) continue;
    if (within.rows < sizes.leastRows) return null;
    const windows = await divide(options, { ...whole, rows: within.rows }, until, sizes.windowRows);
    return { began: all.at, backfill: { until, windows: join(windows, sizes.windowRows) } };
  }
  return null;
}

async function divide(
  options: ReadOptions,
  window: BackfillWindow,
  until: string,
  mostRows: number,
): Promise<readonly BackfillWindow[]> {
  if (window.rows === 0) return [];
  const from = window.from === null ? origin : Date.parse(window.from);
  const to = Date.parse(window.to);
  if (window.rows <= mostRows || to - from < narrowest) return [window];
  const middle = new Date((from + to) / 2).toISOString();
  const earlier = { from: window.from, to: middle };
  const { rows } = await count(options, windowFilters(earlier, until));
  const halves = await Promise.all([
    divide(options, { ...earlier, rows }, until, mostRows),
    divide(options, { from: middle, to: window.to, rows: window.rows - rows }, until, mostRows),
  ]);
  return halves.flat();
}

/** Halving leaves small windows beside each other. */
function join(windows: readonly BackfillWindow[], mostRows: number): readonly BackfillWindow[] {
  const joined: BackfillWindow[] = [];
  for (const window of windows) {
    const last = joined.at(-1);
    if (last === undefined || last.rows + window.rows > mostRows) joined.push(window);
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
