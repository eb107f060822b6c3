import type { Touch } from "@titan-sync/core";
import type { Tables } from "../database/tables.js";
import type { LinkPositions } from "./feed-links.js";

/**
 * Lists keys: `select` gives (record, feed, entity_id), each key once. One that is listed already gets a new sequence,
 * stays claimed, and expands again.
 */
export function enqueueIds(
  tables: Tables,
  owner: { readonly scopeId: string; readonly companyId: string },
  select: string,
): string {
  // In the same order everywhere, so that two writers never deadlock.
  return `INSERT INTO ${tables.work_items} (scope_id, company_id, record, feed, entity_id)
    SELECT ${owner.scopeId}, ${owner.companyId}, listed.record, listed.feed, listed.entity_id
    FROM (${select}) listed (record, feed, entity_id)
    ORDER BY listed.record, listed.feed, listed.entity_id
    ON CONFLICT (scope_id, record, feed, entity_id) DO UPDATE SET sequence = DEFAULT, expanded_to = NULL`;
}

/** The arrays that {@link touchedKeys} unnests. */
export function touchValues(touches: readonly Touch[], links: LinkPositions): unknown[] {
  return [
    touches.map((touch) => touch.record),
    touches.map((touch) => touch.feed),
    touches.map(({ link }) => (link === null ? null : links.get(link))),
  ];
}

/**
 * The keys that changed entities touch: themselves, or what their links named before and name now.
 * @param changed - has `entity_id`, `link_0` to `link_2`, and with `was_` in front those from before.
 * @param first - number of the first of the three parameters of {@link touchValues}.
 */
export function touchedKeys(changed: string, first: number): string {
  return `SELECT DISTINCT touch.record, touch.feed, key.entity_id
    FROM ${changed} changed
    CROSS JOIN unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::int[]) touch (record, feed, link)
    CROSS JOIN LATERAL (VALUES
      (CASE WHEN touch.link IS NULL THEN changed.entity_id
        ELSE (ARRAY[changed.link_0, changed.link_1, changed.link_2])[touch.link + 1] END),
      ((ARRAY[changed.was_link_0, changed.was_link_1, changed.was_link_2])[touch.link + 1])
    ) key (entity_id)
    WHERE key.entity_id IS NOT NULL`;
}
