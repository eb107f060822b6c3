import type { FeedFigures, LandParams, LandResult } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockFeed } from "./feed-lock.js";
import { addFeedFigures } from "./figures.js";
import { mergeEntities } from "./merge-entities.js";
import { lockLease } from "./owner.js";
import { clearRejections, keepRejections } from "./rejections-write.js";
import { noteSeen } from "./seen.js";

/** Lands the rows of a page, or of a part of one. */
export async function land(database: Database, params: LandParams): Promise<LandResult> {
  const { tables } = database;
  const { lease, scope, feed, entities, rejections } = params;
  return await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    await lockFeed(transaction, tables, owner, feed, params.cursor);
    const { superseded, ...counts } = await mergeEntities(transaction, tables, owner, params);
    // A row that is older than the stored one says nothing about a newer, broken one.
    const older = new Set(superseded);
    const good = entities.map((entity) => entity.id).filter((id) => !older.has(id));
    await clearRejections(transaction, tables, owner, feed, ["structure"], good);
    await keepRejections(transaction, tables, owner, lease, rejections);
    if (params.noteSeen) {
      const ids = [...entities.map((entity) => entity.id), ...rejections.map((row) => row.entityId)];
      await noteSeen(transaction, tables, owner, feed, ids);
    }
    const result = { ...counts, superseded: superseded.length };
    await addFeedFigures(transaction, tables, owner, feed, figuresOf(params, result));
    return result;
  });
}

/** What one landing adds to the run's figures. */
function figuresOf(
  { endsPage, entities, rejections, repeated }: LandParams,
  { landed, unchanged, superseded }: LandResult,
): FeedFigures {
  return {
    pages: endsPage ? 1 : 0,
    read: entities.length + rejections.length + repeated,
    landed,
    unchanged,
    superseded: superseded + repeated,
    rejected: rejections.length,
  };
}
