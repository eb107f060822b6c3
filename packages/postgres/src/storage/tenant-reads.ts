import type {
  DeliveredRecord,
  FeedCursor,
  FeedName,
  LandedEntity,
  Storage,
  TenantScope,
} from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { asNumber } from "../database/values.js";
import type { FeedLinks } from "./feed-links.js";
import { rowsById, rowsByLink } from "./landed-rows.js";
import { isInScope, scopeValues } from "./scope.js";

export async function cursors(
  { query, tables }: Database,
  scope: TenantScope,
): Promise<ReadonlyMap<FeedName, FeedCursor>> {
  const { rows } = await query<{ feed: FeedName; cursor: string }>(
    `SELECT feed::text AS feed, cursor::text AS cursor FROM ${tables.cursors} known
    WHERE ${isInScope(tables, "known")} AND cursor IS NOT NULL`,
    scopeValues(scope),
  );
  return new Map(rows.map(({ feed, cursor }) => [feed, JSON.parse(cursor) as FeedCursor]));
}

const columns = { stored: "payload, removed", given: "payload, removed" };

export async function entities(
  { query, tables }: Database,
  { scope, feed, ids }: Parameters<Storage["findEntities"]>[0],
): Promise<readonly LandedEntity[]> {
  const { rows } = await query<LandedEntity>(rowsById(tables, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return rows;
}

export async function entitiesByLink(
  database: Database,
  feedLinks: FeedLinks,
  { scope, feed, link, ids }: Parameters<Storage["findEntitiesByLink"]>[0],
): Promise<readonly LandedEntity[]> {
  const { query, tables } = database;
  const column = await feedLinks.columnOf(database, feed, link);
  if (column === null) return [];
  const { rows } = await query<LandedEntity>(rowsByLink(tables, column, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return rows;
}

export async function delivered(
  { query, tables }: Database,
  { scope, record, ids }: Parameters<Storage["findDeliveredRecords"]>[0],
): Promise<readonly DeliveredRecord[]> {
  const { rows } = await query<DeliveredRecord>(
    `SELECT entity_id::text AS id, content_hash AS "contentHash", ${asNumber("revision")} AS revision, removed
    FROM ${tables.delivered_records} delivered
    WHERE ${isInScope(tables, "delivered")} AND record_type = $4 AND entity_id = ANY ($5::bigint[])
    ORDER BY delivered.entity_id`,
    [...scopeValues(scope), record, entityIdArray(ids)],
  );
  return rows;
}

/** Whether anything was ever landed for a tenant and is still there. */
export async function hasLandedData({ query, tables }: Database, scope: TenantScope): Promise<boolean> {
  const { rows } = await query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM ${tables.entities} entity WHERE ${isInScope(tables, "entity")}) AS found`,
    scopeValues(scope),
  );
  return rows[0]?.found === true;
}
