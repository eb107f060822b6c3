import type { FeedPage } from "../../extract/feed-page.js";
import type { Feed } from "../../feeds/feed.js";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import { minRowsOfVerdict, unusableRows } from "../../quality/page-verdict.js";
import type { CheckedRows } from "../../quality/structure-check.js";

/** Lands a judged page. */
export type Land = (page: FeedPage, checked: CheckedRows) => Promise<void>;

/**
 * Keeps what a first reading begins with back while none of its rows can be used: if that is all there is, or enough to
 * conclude something of all, nothing of it lands and the next run begins again.
 */
export function holdFirstRows(feed: Feed, isFirst: boolean, land: Land) {
  const held: (readonly [FeedPage, CheckedRows])[] = [];
  const rejections: NewRejection[] = [];
  let isHolding = isFirst;
  let rows = 0;

  return {
    async take(page: FeedPage, checked: CheckedRows): Promise<void> {
      isHolding &&= checked.sound.length === 0;
      if (isHolding) {
        held.push([page, checked]);
        rejections.push(...checked.rejections);
        rows += page.rows.length;
        if (rows >= minRowsOfVerdict) throw unusableRows(feed, rejections, rows);
        return;
      }
      for (const one of held.splice(0)) await land(...one);
      await land(page, checked);
    },
    async end(): Promise<void> {
      if (rejections.length > 0 && isHolding) throw unusableRows(feed, rejections, rows);
      for (const one of held.splice(0)) await land(...one);
    },
  };
}

/** Whether nothing of a feed was ever saved. */
export function isUnread(cursor: FeedCursor | null): boolean {
  return (
    cursor === null ||
    (cursor.drainedAt === null &&
      cursor.token === null &&
      cursor.backfill === null &&
      cursor.fullPass === null)
  );
}
