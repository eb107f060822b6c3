import type { ExportedRecord, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { findScopeId } from "./scope.js";

export async function listEntityIds(
  database: Database,
  { scope, feed, after, limit }: Parameters<Storage["listEntityIds"]>[0],
): Promise<readonly { readonly id: string; readonly removed: boolean }[]> {
  const rows = await database.read((statements) =>
    statements.all<{ id: string; removed: number }>(
      `SELECT CAST(entity.entity_id AS TEXT) AS id, entity.removed FROM entities entity INDEXED BY entities_by_id
      WHERE entity.scope_id = ?1 AND entity.feed = ?2 AND entity.entity_id > ?3
      ORDER BY entity.entity_id LIMIT ?4`,
      findScopeId(statements, scope),
      feed,
      after ?? "-1",
      limit,
    ),
  );
  return rows.map(({ id, removed }) => ({ id, removed: removed === 1 }));
}

export async function listPendingIds(
  database: Database,
  { scope, record, feed, after, limit }: Parameters<Storage["listPendingIds"]>[0],
): Promise<readonly string[]> {
  const rows = await database.read((statements) =>
    statements.all<{ id: string }>(
      `SELECT CAST(item.entity_id AS TEXT) AS id FROM work_items item
      WHERE item.scope_id = ?1 AND item.record = ?2 AND item.feed = ?3 AND item.entity_id > ?4
      ORDER BY item.entity_id LIMIT ?5`,
      findScopeId(statements, scope),
      record,
      feed,
      after ?? "-1",
      limit,
    ),
  );
  return rows.map((row) => row.id);
}

export async function countPendingIds(
  database: Database,
  { scope, record, feed }: Parameters<Storage["countPendingIds"]>[0],
): Promise<number> {
  return await database.read((statements) => {
    const row = statements.get<{ pending: number }>(
      "SELECT count(*) AS pending FROM work_items WHERE scope_id = ?1 AND record = ?2 AND feed = ?3",
      findScopeId(statements, scope),
      record,
      feed,
    );
    return row?.pending ?? 0;
  });
}

export async function findCurrentRecords(
  database: Database,
  { scope, record, ids }: Parameters<Storage["findCurrentRecords"]>[0],
): Promise<readonly ExportedRecord[]> {
  const rows = await database.read((statements) =>
    statements.all<{ id: string; record: string }>(
      `SELECT CAST(delivered.entity_id AS TEXT) AS id, delivered.record
      FROM json_each(?3) wanted CROSS JOIN delivered_records delivered INDEXED BY delivered_records_by_id
        ON delivered.scope_id = ?1 AND delivered.record_type = ?2
          AND delivered.entity_id = CAST(wanted.value AS INTEGER)
      WHERE delivered.removed = 0 ORDER BY delivered.entity_id`,
      findScopeId(statements, scope),
      record,
      entityIdArray(ids),
    ),
  );
  return rows.map((row) => ({ scope, ...row }));
}
