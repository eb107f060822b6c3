import type { EntitySize, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { rowsById, rowsByLink } from "./landed-rows.js";
import { parseLinks } from "./links.js";
import { findScopeId } from "./scope.js";

interface SizeRow {
  readonly id: string;
  readonly bytes: number;
  readonly links: string;
}

const columns = "entity.payload_bytes AS bytes, entity.links";

export async function findEntitySizes(
  database: Database,
  { scope, feed, ids }: Parameters<Storage["findEntitySizes"]>[0],
): Promise<readonly EntitySize[]> {
  return await database.read((statements) =>
    rowsById<SizeRow>(statements, columns, findScopeId(statements, scope), feed, ids).map(toSize),
  );
}

export async function findEntitySizesByLink(
  database: Database,
  { scope, ...link }: Parameters<Storage["findEntitySizesByLink"]>[0],
): Promise<readonly EntitySize[]> {
  return await database.read((statements) =>
    rowsByLink<SizeRow>(statements, columns, findScopeId(statements, scope), link, "entity.removed = 0").map(
      toSize,
    ),
  );
}

function toSize({ id, bytes, links }: SizeRow): EntitySize {
  return { id, bytes, links: parseLinks(links) };
}
