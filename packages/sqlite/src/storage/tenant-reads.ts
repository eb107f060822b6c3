import type {
  DeliveredRecord,
  FeedCursor,
  FeedName,
  RecordType,
  Storage,
  TenantScope,
} from "@titan-sync/core";

import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { findScopeId } from "./scope.js";

export async function findCursors(
  database: Database,
  scope: TenantScope,
): Promise<ReadonlyMap<FeedName, FeedCursor>> {
  const rows = await database.read((statements) =>
    statements.all<{ feed: FeedName; cursor: string }>(
      "SELECT feed, cursor FROM cursors WHERE scope_id = ?1",
      findScopeId(statements, scope),
    ),
  );
  return new Map(rows.map(({ feed, cursor }) => [feed, JSON.parse(cursor) as FeedCursor]));
}

/** Whether anything was ever landed for a tenant and is still there. */
export async function hasLandedData(database: Database, scope: TenantScope): Promise<boolean> {
  return await database.read((statements) => {
    const row = statements.get(
      "SELECT 1 AS found FROM entities INDEXED BY entities_by_id WHERE scope_id = ?1 LIMIT 1",
      findScopeId(statements, scope),
    );
    return row !== undefined;
  });
}

interface DeliveredRow extends Omit<DeliveredRecord, "removed"> {
  readonly removed: number;
}

const columns = `CAST(delivered.entity_id AS TEXT) AS id, delivered.content_hash AS contentHash, delivered.revision,
  delivered.removed`;

export async function findDeliveredRecords(
  database: Database,
  { scope, record, ids }: Parameters<Storage["findDeliveredRecords"]>[0],
): Promise<readonly DeliveredRecord[]> {
  return await database.read((statements) =>
    deliveredOf(statements, findScopeId(statements, scope), record, ids),
  );
}

/** What was last delivered of a tenant's records, removed ones included. */
export function deliveredOf(
  statements: Statements,
  scopeId: number | null,
  record: RecordType,
  ids: readonly string[],
): readonly DeliveredRecord[] {
  const rows = statements.all<DeliveredRow>(
    `SELECT ${columns}
    FROM json_each(?3) wanted CROSS JOIN delivered_records delivered INDEXED BY delivered_records_by_id
      ON delivered.scope_id = ?1 AND delivered.record_type = ?2
        AND delivered.entity_id = CAST(wanted.value AS INTEGER)
    ORDER BY delivered.entity_id`,
    scopeId,
    record,
    entityIdArray(ids),
  );
  return rows.map(toDeliveredRecord);
}

/** Ascending by id, behind `after`. */
export function deliveredAbove(
  statements: Statements,
  scopeId: number | null,
  record: RecordType,
  after: string | null,
  limit: number,
): readonly DeliveredRecord[] {
  const rows = statements.all<DeliveredRow>(
    `SELECT ${columns} FROM delivered_records delivered INDEXED BY delivered_records_by_id
    WHERE delivered.scope_id = ?1 AND delivered.record_type = ?2 AND delivered.entity_id > ?3
    ORDER BY delivered.entity_id LIMIT ?4`,
    scopeId,
    record,
    after ?? "-1",
    limit,
  );
  return rows.map(toDeliveredRecord);
}

function toDeliveredRecord(row: DeliveredRow): DeliveredRecord {
  return { ...row, removed: row.removed === 1 };
}
