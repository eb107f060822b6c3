import type { ClaimedKey, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { requireLease } from "./lease-holder.js";
import { wasSeen } from "./seen.js";

/** Claims pending keys for a fence. What other fences have claimed is free. */
export async function claimKeys(
  database: Database,
  { lease, scope, record, feed, after, limit, seenOnly }: Parameters<Storage["claimKeys"]>[0],
): Promise<readonly ClaimedKey[]> {
  return await database.transaction((transaction) => {
    const now = database.now();
    const { scopeId, runNumber } = requireLease(transaction, lease, scope, now);
    const values = [scopeId, record, feed, after ?? "-1", lease.fence, limit, minRevision(now)] as const;
    const text = `SELECT CAST(item.entity_id AS TEXT) AS id, item.sequence, max(?7, coalesce((
        SELECT delivered.revision + 1 FROM delivered_records delivered INDEXED BY delivered_records_by_id
        WHERE delivered.scope_id = ?1 AND delivered.record_type = ?2 AND delivered.entity_id = item.entity_id
      ), 0)) AS revision
      FROM work_items item
      WHERE item.scope_id = ?1 AND item.record = ?2 AND item.feed = ?3 AND item.entity_id > ?4
        AND item.claimed_fence IS NOT ?5 ${seenOnly ? `AND ${wasSeen("item", "?8", "?3")}` : ""}
      ORDER BY item.entity_id LIMIT ?6`;
    const keys = seenOnly
      ? transaction.all<ClaimedKey>(text, ...values, runNumber)
      : transaction.all<ClaimedKey>(text, ...values);
    for (const { id } of keys) {
      transaction.run(
        `UPDATE work_items SET claimed_fence = ?5
        WHERE scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4`,
        scopeId,
        record,
        feed,
        id,
        lease.fence,
      );
    }
    return keys;
  });
}

/** Below no revision that an earlier table may have given: the clock in microseconds since 1970. */
export function minRevision(now: number): number {
  return now * 1000;
}
