import type { FeedCursor } from "../ports/sync-store.js";

/** One answer of a feed: parsed, its rows not yet checked. */
export interface FeedPage {
  readonly rows: readonly unknown[];
  /** Rows in the whole feed, where the API tells. */
  readonly total: number | null;
  /** Where to go on once the page has landed; `null` when it moves no cursor. */
  readonly cursor: FeedCursor | null;
  readonly source: "export" | "list";
}

/** Where the reading of a feed that was never read stands. */
export const unreadCursor: FeedCursor = {
  token: null,
  pollBeganAt: null,
  drainedAt: null,
  fullPass: null,
  listedWith: null,
};
