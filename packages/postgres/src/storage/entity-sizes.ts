import type { EntitySize, EntitySizes } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { rowsById, rowsByLink } from "./landed-rows.js";
import { linkColumn } from "./link-column.js";
import { scopeValues } from "./scope.js";

interface SizeRow {
  readonly id: string;
  readonly bytes: number;
  readonly link0: string | null;
  readonly link1: string | null;
  readonly link2: string | null;
}

const columns = {
  stored: "payload_bytes, link_0, link_1, link_2",
  given: "payload_bytes AS bytes, link_0::text AS link0, link_1::text AS link1, link_2::text AS link2",
};

export async function entitySizes(
  { query, tables }: Database,
  { scope, feed, ids }: Parameters<EntitySizes["findEntitySizes"]>[0],
): Promise<readonly EntitySize[]> {
  const { rows } = await query<SizeRow>(rowsById(tables, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return rows.map(toSize);
}

export async function entitySizesByLink(
  { query, tables }: Database,
  { scope, feed, link, ids }: Parameters<EntitySizes["findEntitySizesByLink"]>[0],
): Promise<readonly EntitySize[]> {
  const column = linkColumn(link);
  if (column === null) return [];
  const { rows } = await query<SizeRow>(rowsByLink(tables, column, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return rows.map(toSize);
}

function toSize({ id, bytes, link0, link1, link2 }: SizeRow): EntitySize {
  return { id, bytes, links: [link0, link1, link2] };
}
