import type { DeliveredRecord, EntityCount, LeaseState, Storage } from "@titan-sync/core";

import type { Database } from "../database/database.js";
import { findScopeId } from "./scope.js";
import { deliveredAbove } from "./tenant-reads.js";

export async function countEntities(
  database: Database,
  { scope, feed, after, limit, since }: Parameters<Storage["countEntities"]>[0],
): Promise<EntityCount> {
  const row = await database.read((statements) =>
    statements.get<EntityCount>(
      `SELECT count(*) FILTER (WHERE removed = 0) AS live, count(*) FILTER (WHERE removed = 1) AS removed,
        count(*) FILTER (WHERE landed_at >= ?5) AS landedSince, CAST(max(entity_id) AS TEXT) AS last
      FROM (
        SELECT entity_id, removed, landed_at FROM entities INDEXED BY entities_by_id
        WHERE scope_id = ?1 AND feed = ?2 AND entity_id > ?3 ORDER BY entity_id LIMIT ?4
      )`,
      findScopeId(statements, scope),
      feed,
      after ?? "-1",
      limit,
      since,
    ),
  );
  return row ?? { live: 0, removed: 0, landedSince: 0, last: null };
}

export async function listDeliveredRecords(
  database: Database,
  { scope, record, after, limit }: Parameters<Storage["listDeliveredRecords"]>[0],
): Promise<readonly DeliveredRecord[]> {
  return await database.read((statements) =>
    deliveredAbove(statements, findScopeId(statements, scope), record, after, limit),
  );
}

export async function findLease(database: Database, credentialId: string): Promise<LeaseState | null> {
  const row = await database.read((statements) =>
    statements.get<{ runId: string; expiresAt: number }>(
      `SELECT run.run_id AS runId, lease.expires_at AS expiresAt
      FROM leases lease JOIN runs run ON run.run_number = lease.run_number
      WHERE lease.credential_id = ?1 AND lease.expires_at IS NOT NULL`,
      credentialId,
    ),
  );
  return row === undefined ? null : { runId: row.runId, endsInMs: row.expiresAt - database.now() };
}
