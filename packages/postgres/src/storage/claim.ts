import type { ClaimedKey, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { asNumber, minRevision } from "../database/values.js";
import { lockLease } from "./lease-holder.js";
import { isSeen } from "./seen.js";

/** Claims pending keys for a fence. What other fences have claimed is free. */
export async function claim(
  database: Database,
  { lease, scope, record, feed, after, limit, seenOnly }: Parameters<Storage["claimKeys"]>[0],
): Promise<readonly ClaimedKey[]> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const { scopeId, companyId, runNumber } = await lockLease(transaction, tables, lease, scope);
    const values = [scopeId, companyId, record, feed, lease.fence, after ?? "-1", limit];
    const { rows } = await transaction.query<ClaimedKey>(
      `WITH picked AS MATERIALIZED (
        SELECT item.entity_id FROM ${tables.work_items} item
        WHERE item.scope_id = $1 AND item.company_id = $2 AND item.record = $3 AND item.feed = $4
          AND item.entity_id > $6::bigint
          AND item.claimed_fence IS DISTINCT FROM $5${seenOnly ? ` AND ${isSeen(tables, "item", "$8")}` : ""}
        ORDER BY item.entity_id LIMIT $7 FOR UPDATE OF item
      ),
      claimed AS (
        UPDATE ${tables.work_items} item SET claimed_fence = $5
        WHERE item.scope_id = $1 AND item.company_id = $2 AND item.record = $3 AND item.feed = $4
          AND item.entity_id = ANY (ARRAY(SELECT entity_id FROM picked))
        RETURNING item.entity_id, item.sequence
      )
      SELECT claimed.entity_id::text AS id, ${asNumber("claimed.sequence")} AS sequence,
        ${asNumber(`greatest(${minRevision}, (
          SELECT delivered.revision + 1 FROM ${tables.delivered_records} delivered
          WHERE delivered.scope_id = $1 AND delivered.company_id = $2 AND delivered.record_type = $3
            AND delivered.entity_id = claimed.entity_id
        ))`)} AS revision
      FROM claimed ORDER BY claimed.entity_id`,
      seenOnly ? [...values, runNumber] : values,
    );
    return rows;
  });
}
