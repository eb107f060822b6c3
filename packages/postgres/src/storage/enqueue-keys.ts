import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockLease } from "./lease-holder.js";
import { isSeen } from "./seen.js";
import { enqueueIds } from "./work-queue.js";

/** Lists landed entities by id, some at a time. */
export async function enqueueKeys(
  database: Database,
  { lease, scope, record, feed, after, limit, seenOnly }: Parameters<Storage["enqueueKeys"]>[0],
): Promise<string | null> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const { scopeId, companyId, runNumber } = await lockLease(transaction, tables, lease, scope);
    const values = [scopeId, companyId, record, feed, after ?? "-1", limit];
    const { rows } = await transaction.query<{ last: string | null }>(
      `WITH picked AS MATERIALIZED (
        SELECT entity.entity_id FROM ${tables.entities} entity
        WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $4
          AND entity.entity_id > $5::bigint${seenOnly ? ` AND ${isSeen(tables, "entity", "$7")}` : ""}
        ORDER BY entity.entity_id LIMIT $6
      ),
      listed AS (
        ${enqueueIds(tables, { scopeId: "$1::int", companyId: "$2" }, "SELECT $3::text, $4::text, entity_id FROM picked")}
      )
      SELECT max(entity_id)::text AS last FROM picked`,
      seenOnly ? [...values, runNumber] : values,
    );
    return rows[0]?.last ?? null;
  });
}
