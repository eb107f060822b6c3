import { ApiResponseError } from "../errors.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import { divideWindows, planBackfill } from "./backfill-plan.js";
import { checkpoint, type FeedPage } from "./feed-page.js";
import type { ReadOptions } from "./read-options.js";
import type { ReadingSizes } from "./reading-sizes.js";
import { readWindow } from "./window-reader.js";

/**
 * Speeds up the first load of a feed by reading its list, many pages at once, up to an instant from which the export is
 * then followed: it never replaces the export. How far it has come is saved with its pages, so that a load that is
 * stopped continues there. A list that cannot be read so is left to the export.
 *
 * @returns the cursor that the export is to be followed from.
 * @throws what the client throws, other than errors of the list itself.
 */
export async function* readBackfill(
  options: ReadOptions,
  sizes: ReadingSizes,
): AsyncGenerator<FeedPage, FeedCursor, undefined> {
  if (!isFirstLoad(options)) return options.cursor;
  try {
    let cursor = options.cursor;
    if (cursor.backfill === null) {
      const plan = await planBackfill(options, sizes);
      if (plan === null) return options.cursor;
      cursor = { ...cursor, pollBeganAt: plan.began, backfill: plan.backfill };
      yield checkpoint(cursor, "list");
    }
    for (;;) {
      const backfill = cursor.backfill && (await divideWindows(options, cursor.backfill, sizes.windowRows));
      if (backfill === null) break;
      cursor = { ...cursor, backfill };
      yield checkpoint(cursor, "list");
    }
    return yield* readWindows(options, cursor, sizes);
  } catch (error) {
    // If the API is unreachable or throttles, the export would fail as well.
    if (!(error instanceof ApiResponseError)) throw error;
    options.warn(givenUp(options, error));
    return { ...options.cursor, backfill: null, pollBeganAt: null };
  }
}

async function* readWindows(
  options: ReadOptions,
  start: FeedCursor,
  sizes: ReadingSizes,
): AsyncGenerator<FeedPage, FeedCursor, undefined> {
  let cursor = start;
  const { until = "", windows = [] } = start.backfill ?? {};
  for (const [index, window] of windows.entries()) {
    const following = windows.slice(index + 1);
    for await (const { window: moved, ...page } of readWindow(options, window, until, sizes)) {
      if (moved === null) {
        yield { ...page, cursor: null };
        continue;
      }
      const left = moved.left === 0 ? following : [moved, ...following];
      cursor = { ...cursor, backfill: { until, windows: left } };
      yield { ...page, cursor };
    }
  }
  return cursor;
}

function isFirstLoad({ feed, cursor, fullPassOf }: ReadOptions): boolean {
  const isUnread = cursor.token === null && cursor.drainedAt === null;
  const isUntouched = cursor.pollBeganAt === null || cursor.backfill !== null;
  return feed.listEqualsExport && fullPassOf === null && isUnread && isUntouched;
}

function givenUp({ feed }: ReadOptions, error: ApiResponseError) {
  return {
    code: "PARALLEL_LOAD_GIVEN_UP",
    message: `The list of ${feed.name} could not be read in parallel; reading its export from the beginning instead: ${error.message}`,
  };
}
