import type { FeedCursor, FeedName, LandParams, LandResult } from "@titan-sync/core";
import { landingFigures } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { addFeedFigures } from "./figures.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";
import { mergeEntities } from "./merge-entities.js";
import { clearRejections, keepRejections } from "./rejections-write.js";
import { markSeen } from "./seen.js";

/** Lands the rows of a page, or of a part of one. */
export async function landRows(database: Database, params: LandParams): Promise<LandResult> {
  const { lease, scope, feed, entities, rejections, suppressed = [] } = params;
  return await database.transaction((transaction) => {
    const now = database.now();
    const holder = requireLease(transaction, lease, scope, now);
    if (params.cursor !== null) saveCursor(transaction, holder, feed, params.cursor, now);
    const { superseded, ...counts } = mergeEntities(transaction, holder, params, now);
    // A row that is older than the stored one says nothing about a newer, broken one.
    const older = new Set(superseded);
    const good = entities.map((entity) => entity.id).filter((id) => !older.has(id));
    clearRejections(transaction, holder, feed, ["structure"], [...good, ...suppressed]);
    keepRejections(transaction, holder, lease, rejections, now);
    if (params.markSeen) {
      const landed = entities.map((entity) => entity.id);
      const rejected = rejections.map((row) => row.entityId);
      markSeen(transaction, holder, feed, [...landed, ...rejected, ...suppressed]);
    }
    const result = { ...counts, superseded: superseded.length };
    addFeedFigures(transaction, holder, feed, landingFigures(params, result), now);
    return result;
  });
}

function saveCursor(
  statements: Statements,
  { scopeId }: LeaseHolder,
  feed: FeedName,
  cursor: FeedCursor,
  now: number,
): void {
  statements.run(
    `INSERT INTO cursors (scope_id, feed, cursor, updated_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (scope_id, feed) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
    scopeId,
    feed,
    JSON.stringify(cursor),
    now,
  );
}
