import type { PageRow } from "../json/page-row.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import type { ListPlace } from "./list-place.js";

/** One answer of a feed: parsed, its rows not yet checked. */
export interface FeedPage {
  readonly rows: readonly PageRow[];
  /** Rows in the whole feed, if the API returns the number. */
  readonly total: number | null;
  /** Where to continue once the page has landed; `null` when it moves no cursor. */
  readonly cursor: FeedCursor | null;
  readonly source: "export" | "list";
  /** For a list endpoint: its position once the page has landed; absent or `null` if it is uncertain. */
  readonly place?: ListPlace | null;
  /**
   * On the page that ends a reading: the server time at which the reading began, in ISO 8601. Once everything up to the
   * page has landed, the feed holds all that the API showed then. Absent if that is not certain.
   */
  readonly drainedAt?: string | undefined;
  /** Must be called once the rows have landed: only then is there room for others. They cannot be read any more. */
  release(): void;
}

/** The cursor of a feed that has never been read. */
export const unreadCursor: FeedCursor = {
  token: null,
  pollBeganAt: null,
  drainedAt: null,
  fullPass: null,
  enqueuedWith: null,
  pageBefore: null,
  backfill: null,
};

/** A page without rows, which only saves the position. */
export function checkpoint(cursor: FeedCursor | null, source: FeedPage["source"]): FeedPage {
  return { rows: [], total: null, cursor, source, release: () => undefined };
}
