import type { Storage, SweepResult } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { fromEpochMs } from "../database/values.js";
import { linkNamesIn } from "./feed-links.js";
import { lockFeed } from "./feed-lock.js";
import { lockLease } from "./lease-holder.js";
import { closeUnseenRejections } from "./rejections-write.js";
import { isSeen } from "./seen.js";
import { enqueueIds, touchedKeys, touchValues } from "./work-queue.js";

/** Marks entities removed that a run has not seen, unless they are too many. */
export async function sweep(
  database: Database,
  { lease, scope, feed, touches, maxShare, spareAfter }: Parameters<Storage["sweepFeed"]>[0],
): Promise<SweepResult> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    const { scopeId, companyId, runNumber } = owner;
    const links = await lockFeed(transaction, tables, owner, feed, null, linkNamesIn([], touches));
    const isAbsent = `NOT ${isSeen(tables, "entity", "$4")}
      AND ($5::float8 IS NULL OR entity.landed_at <= ${fromEpochMs("$5")})`;
    const { rows } = await transaction.query<{ total: number; absent: number }>(
      `SELECT count(*)::float8 AS total,
        count(*) FILTER (WHERE ${isAbsent})::float8 AS absent
      FROM ${tables.entities} entity
      WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3 AND NOT entity.removed`,
      [scopeId, companyId, feed, runNumber, spareAfter],
    );
    const { total = 0, absent = 0 } = rows[0] ?? {};
    if (absent > maxShare * total) return { total, absent, removed: 0 };
    await closeUnseenRejections(transaction, tables, owner, feed, spareAfter);
    if (absent === 0) return { total, absent, removed: 0 };
    await transaction.query(
      `WITH swept AS (
        UPDATE ${tables.entities} entity SET removed = true
        WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3 AND NOT entity.removed
          AND ${isAbsent}
        RETURNING entity.entity_id, link_0, link_1, link_2,
          link_0 AS was_link_0, link_1 AS was_link_1, link_2 AS was_link_2
      ),
      closed AS (
        DELETE FROM ${tables.rejections} rejection USING swept
        WHERE rejection.scope_id = $1 AND rejection.company_id = $2 AND rejection.feed = $3
          AND rejection.entity_id = swept.entity_id::text
      )
      ${enqueueIds(tables, { scopeId: "$1::int", companyId: "$2" }, touchedKeys("swept", 6))}`,
      [scopeId, companyId, feed, runNumber, spareAfter, ...touchValues(touches, links)],
    );
    return { total, absent, removed: absent };
  });
}
