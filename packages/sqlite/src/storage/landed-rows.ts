import type { FeedName, LandedEntity, Storage } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { findLink } from "./links.js";
import { findScopeId } from "./scope.js";

/** Entities of a feed by id, ascending. The index is named: without statistics SQLite might read the whole feed. */
export function rowsById<Row extends object>(
  statements: Statements,
  columns: string,
  scopeId: number | null,
  feed: FeedName,
  ids: readonly string[],
): readonly Row[] {
  return statements.all<Row>(
    `SELECT CAST(entity.entity_id AS TEXT) AS id, ${columns}
    FROM json_each(?3) wanted CROSS JOIN entities entity INDEXED BY entities_by_id
      ON entity.scope_id = ?1 AND entity.feed = ?2 AND entity.entity_id = CAST(wanted.value AS INTEGER)
    ORDER BY entity.entity_id`,
    scopeId,
    feed,
    entityIdArray(ids),
  );
}

/**
 * Entities of a feed by what a link names, ascending.
 * @param condition - about the `entity`.
 */
export function rowsByLink<Row extends object>(
  statements: Statements,
  columns: string,
  scopeId: number | null,
  { feed, link, ids }: { readonly feed: FeedName; readonly link: string; readonly ids: readonly string[] },
  condition = "true",
): readonly Row[] {
  return statements.all<Row>(
    `SELECT CAST(entity.entity_id AS TEXT) AS id, ${columns}
    FROM json_each(?4) wanted
    CROSS JOIN entity_links link ON link.link_number = ?3 AND link.target_id = CAST(wanted.value AS INTEGER)
    CROSS JOIN entities entity INDEXED BY entities_by_id
      ON entity.scope_id = ?1 AND entity.feed = ?2 AND entity.entity_id = link.entity_id
    WHERE ${condition}
    ORDER BY entity.entity_id`,
    scopeId,
    feed,
    findLink(statements, scopeId, feed, link),
    entityIdArray(ids),
  );
}

interface EntityRow {
  readonly id: string;
  readonly payload: string;
  readonly removed: number;
}

const columns = "entity.payload, entity.removed";

export async function findEntities(
  database: Database,
  { scope, feed, ids }: Parameters<Storage["findEntities"]>[0],
): Promise<readonly LandedEntity[]> {
  return await database.read((statements) =>
    rowsById<EntityRow>(statements, columns, findScopeId(statements, scope), feed, ids).map(toLandedEntity),
  );
}

export async function findEntitiesByLink(
  database: Database,
  { scope, ...link }: Parameters<Storage["findEntitiesByLink"]>[0],
): Promise<readonly LandedEntity[]> {
  return await database.read((statements) =>
    rowsByLink<EntityRow>(
      statements,
      columns,
      findScopeId(statements, scope),
      link,
      "entity.removed = 0",
    ).map(toLandedEntity),
  );
}

function toLandedEntity({ id, payload, removed }: EntityRow): LandedEntity {
  return { id, payload, removed: removed === 1 };
}
