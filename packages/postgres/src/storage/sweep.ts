import type { SweepResult, SyncStore } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockFeed } from "./feed-lock.js";
import { lockLease } from "./owner.js";
import { isSeen } from "./seen.js";
import { listKeys, touchedKeys, touchValues } from "./work-list.js";

/** Marks entities removed that a run has not seen, unless they are too many. */
export async function sweep(
  database: Database,
  { lease, scope, feed, touches, maxShare }: Parameters<SyncStore["sweep"]>[0],
): Promise<SweepResult> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const { scopeId, companyId, runNumber } = await lockLease(transaction, tables, lease, scope);
    await lockFeed(transaction, tables, { scopeId, companyId, runNumber }, feed, null);
    const { rows } = await transaction.query<{ total: number; absent: number }>(
      `SELECT count(*)::float8 AS total,
        count(*) FILTER (WHERE NOT ${isSeen(tables, "entity", "$4")})::float8 AS absent
      FROM ${tables.entities} entity
      WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3 AND NOT entity.removed`,
      [scopeId, companyId, feed, runNumber],
    );
    const { total = 0, absent = 0 } = rows[0] ?? {};
    if (absent === 0 || absent > maxShare * total) return { total, absent, removed: 0 };
    await transaction.query(
      `WITH swept AS (
        UPDATE ${tables.entities} entity SET removed = true
        WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3 AND NOT entity.removed
          AND NOT ${isSeen(tables, "entity", "$4")}
        RETURNING entity.entity_id, link_0, link_1, link_2,
          link_0 AS was_link_0, link_1 AS was_link_1, link_2 AS was_link_2
      )
      ${listKeys(tables, { scopeId: "$1::int", companyId: "$2" }, touchedKeys("swept", 5))}`,
      [scopeId, companyId, feed, runNumber, ...touchValues(touches)],
    );
    return { total, absent, removed: absent };
  });
}
