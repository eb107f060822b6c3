import type { ExportedRecord, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { asNumber } from "../database/values.js";
import { isInScope, scopeValues } from "./scope.js";

export async function entityIds(
  { query, tables }: Database,
  { scope, feed, after, limit }: Parameters<Storage["listEntityIds"]>[0],
): Promise<readonly { readonly id: string; readonly removed: boolean }[]> {
  const { rows } = await query<{ id: string; removed: boolean }>(
    `SELECT entity_id::text AS id, removed FROM ${tables.entities} entity
    WHERE ${isInScope(tables, "entity")} AND feed = $4 AND entity_id > $5::bigint
    ORDER BY entity.entity_id LIMIT $6`,
    [...scopeValues(scope), feed, after ?? "-1", limit],
  );
  return rows;
}

export async function listPendingIds(
  { query, tables }: Database,
  { scope, record, feed, after, limit }: Parameters<Storage["listPendingIds"]>[0],
): Promise<readonly string[]> {
  const { rows } = await query<{ id: string }>(
    `SELECT entity_id::text AS id FROM ${tables.work_items} item
    WHERE ${isInScope(tables, "item")} AND record = $4 AND feed = $5 AND entity_id > $6::bigint
    ORDER BY item.entity_id LIMIT $7`,
    [...scopeValues(scope), record, feed, after ?? "-1", limit],
  );
  return rows.map((row) => row.id);
}

export async function countPendingIds(
  { query, tables }: Database,
  { scope, record, feed }: Parameters<Storage["countPendingIds"]>[0],
): Promise<number> {
  const { rows } = await query<{ listed: number }>(
    `SELECT ${asNumber("count(*)")} AS listed FROM ${tables.work_items} item
    WHERE ${isInScope(tables, "item")} AND record = $4 AND feed = $5`,
    [...scopeValues(scope), record, feed],
  );
  return rows[0]?.listed ?? 0;
}

export async function currentRecords(
  { query, tables }: Database,
  { scope, record, ids }: Parameters<Storage["findCurrentRecords"]>[0],
): Promise<readonly ExportedRecord[]> {
  const { rows } = await query<{ id: string; record: string }>(
    `SELECT entity_id::text AS id, record FROM ${tables.delivered_records} delivered
    WHERE ${isInScope(tables, "delivered")} AND record_type = $4 AND entity_id = ANY ($5::bigint[]) AND NOT removed
    ORDER BY delivered.entity_id`,
    [...scopeValues(scope), record, entityIdArray(ids)],
  );
  return rows.map((row) => ({ scope, ...row }));
}
