import type { DeliveredRecord, EntityCount, LeaseState, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { asNumber, fromEpochMs } from "../database/values.js";
import { isInScope, scopeValues } from "./scope.js";

export async function countEntities(
  { query, tables }: Database,
  { scope, feed, after, limit, since }: Parameters<Storage["countEntities"]>[0],
): Promise<EntityCount> {
  const { rows } = await query<EntityCount>(
    `SELECT ${asNumber("count(*) FILTER (WHERE NOT removed)")} AS live,
      ${asNumber("count(*) FILTER (WHERE removed)")} AS removed,
      ${asNumber(`count(*) FILTER (WHERE landed_at >= ${fromEpochMs("$7")})`)} AS "landedSince",
      max(entity_id)::text AS last
    FROM (
      SELECT entity_id, removed, landed_at FROM ${tables.entities} entity
      WHERE ${isInScope(tables, "entity")} AND feed = $4 AND entity_id > $5::bigint
      ORDER BY entity.entity_id LIMIT $6
    ) step`,
    [...scopeValues(scope), feed, after ?? "-1", limit, since],
  );
  return rows[0] ?? { live: 0, removed: 0, landedSince: 0, last: null };
}

export async function listDelivered(
  { query, tables }: Database,
  { scope, record, after, limit }: Parameters<Storage["listDeliveredRecords"]>[0],
): Promise<readonly DeliveredRecord[]> {
  const { rows } = await query<DeliveredRecord>(
    `SELECT entity_id::text AS id, content_hash AS "contentHash", ${asNumber("revision")} AS revision, removed
    FROM ${tables.delivered_records} delivered
    WHERE ${isInScope(tables, "delivered")} AND record_type = $4 AND entity_id > $5::bigint
    ORDER BY delivered.entity_id LIMIT $6`,
    [...scopeValues(scope), record, after ?? "-1", limit],
  );
  return rows;
}

export async function findLease(
  { query, tables }: Database,
  credentialId: string,
): Promise<LeaseState | null> {
  const { rows } = await query<LeaseState>(
    `SELECT run.run_id AS "runId",
      (extract(epoch FROM lease.expires_at - clock_timestamp()) * 1000)::float8 AS "endsInMs"
    FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.run_number = lease.run_number AND run.company_id = lease.company_id
    -- A released lease expired before all time.
    WHERE lease.credential_id = $1 AND lease.expires_at > '-infinity'`,
    [credentialId],
  );
  return rows[0] ?? null;
}
