import type { Tables } from "../database/tables.js";
import { isLinked } from "./link-column.js";
import { isInScope } from "./scope.js";

/** Columns of landed entities: as they are stored, and as a lookup gives them. */
export interface RowColumns {
  readonly stored: string;
  readonly given: string;
}

/** Looks entities up by id. Parameters: the scope's three, the feed, the ids. */
export function rowsById(tables: Tables, { given }: RowColumns): string {
  return `SELECT entity_id::text AS id, ${given} FROM ${tables.entities} entity
    WHERE ${isInScope(tables, "entity")} AND feed = $4 AND entity_id = ANY ($5::bigint[])
    ORDER BY entity.entity_id`;
}

/** Looks entities that are not removed up by a link. Parameters: the scope's three, the feed, the linked ids. */
export function rowsByLink(tables: Tables, linkColumn: string, { stored, given }: RowColumns): string {
  // One lookup for each: without statistics, a single query for all could scan the whole feed.
  return `SELECT found.entity_id::text AS id, ${given}
    FROM ${tables.tenant_scopes} scope
    CROSS JOIN (SELECT DISTINCT unnest($5::bigint[])) wanted (id)
    CROSS JOIN LATERAL (
      SELECT entity_id, ${stored} FROM ${tables.entities} entity
      WHERE ${isLinked("entity", linkColumn, "wanted.id", "scope.scope_id, $4")}
        AND entity.company_id = $1 AND NOT entity.removed
      OFFSET 0
    ) found
    WHERE scope.company_id = $1 AND scope.environment = $2 AND scope.tenant_id = $3
    ORDER BY found.entity_id`;
}
