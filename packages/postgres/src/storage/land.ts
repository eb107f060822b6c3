import type { LandParams, LandResult } from "@titan-sync/core";
import { isEntityId, landingFigures } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import { linkNamesIn } from "./feed-links.js";
import { lockFeed } from "./feed-lock.js";
import { addFeedFigures } from "./figures.js";
import { lockLease } from "./lease-holder.js";
import { mergeEntities } from "./merge-entities.js";
import { clearRejections, keepRejections } from "./rejections-write.js";
import { markSeen } from "./seen.js";

/** Lands the rows of a page, or of a part of one. */
export async function land(database: Database, params: LandParams): Promise<LandResult> {
  const { tables } = database;
  const { lease, scope, feed, entities, rejections, suppressed = [] } = params;
  return await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    const names = linkNamesIn(entities, params.touches);
    const links = await lockFeed(transaction, tables, owner, feed, params.cursor, names);
    const { superseded, ...counts } = await mergeEntities(transaction, tables, owner, params, links);
    // A row that is older than the stored one says nothing about a newer, broken one.
    const older = new Set(superseded);
    const good = entities.map((entity) => entity.id).filter((id) => !older.has(id));
    await clearRejections(
      transaction,
      tables,
      owner,
      feed,
      ["structure"],
      [...good, ...suppressed.filter(isEntityId)],
    );
    await keepRejections(transaction, tables, owner, lease, rejections);
    if (params.markSeen) {
      const landed = entities.map((entity) => entity.id);
      const rejected = rejections.map((row) => row.entityId);
      await markSeen(transaction, tables, owner, feed, [...landed, ...rejected, ...suppressed]);
    }
    const result = { ...counts, superseded: superseded.length };
    await addFeedFigures(transaction, tables, owner, feed, landingFigures(params, result));
    return result;
  });
}
