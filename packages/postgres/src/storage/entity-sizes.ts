import type { EntitySize, EntitySizes } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { isLinked, linkColumn } from "./link-column.js";
import { isInScope, scopeValues } from "./scope.js";

interface SizeRow {
  readonly id: string;
  readonly bytes: number;
  readonly link0: string | null;
  readonly link1: string | null;
  readonly link2: string | null;
}

const size = `payload_bytes AS bytes, link_0::text AS link0, link_1::text AS link1, link_2::text AS link2`;

export async function entitySizes(
  { query, tables }: Database,
  { scope, feed, ids }: Parameters<EntitySizes["entitySizes"]>[0],
): Promise<readonly EntitySize[]> {
  const { rows } = await query<SizeRow>(
    `SELECT entity_id::text AS id, ${size} FROM ${tables.entities} entity
    WHERE ${isInScope(tables, "entity")} AND feed = $4 AND entity_id = ANY ($5::bigint[])
    ORDER BY entity.entity_id`,
    [...scopeValues(scope), feed, entityIdArray(ids)],
  );
  return rows.map(toSize);
}

export async function entitySizesByLink(
  { query, tables }: Database,
  { scope, feed, link, ids }: Parameters<EntitySizes["entitySizesByLink"]>[0],
): Promise<readonly EntitySize[]> {
  const column = linkColumn(link);
  if (column === null) return [];
  const { rows } = await query<SizeRow>(
    // One look-up for each, as for the entities themselves.
    `SELECT found.entity_id::text AS id, ${size}
    FROM ${tables.tenant_scopes} scope
    CROSS JOIN (SELECT DISTINCT unnest($5::bigint[])) wanted (id)
    CROSS JOIN LATERAL (
      SELECT entity_id, payload_bytes, link_0, link_1, link_2 FROM ${tables.entities} entity
      WHERE ${isLinked("entity", column, "wanted.id", "scope.scope_id, $4")}
        AND entity.company_id = $1 AND NOT entity.removed
      OFFSET 0
    ) found
    WHERE scope.company_id = $1 AND scope.environment = $2 AND scope.tenant_id = $3
    ORDER BY found.entity_id`,
    [...scopeValues(scope), feed, entityIdArray(ids)],
  );
  return rows.map(toSize);
}

function toSize({ id, bytes, link0, link1, link2 }: SizeRow): EntitySize {
  return { id, bytes, links: [link0, link1, link2] };
}
