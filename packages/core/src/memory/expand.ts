import type { Expansion } from "../ports/work-queue.js";
import type { TenantData } from "./tenant-data.js";

/**
 * Puts what pending entities lead to in their place: at most `limit` listed ones, and `limit` others, in one step.
 * Entities that vanished lead on as well: what refers to them still shows them.
 * @returns whether there is more to expand.
 */
export function expandPending(tenant: TenantData, expansion: Expansion, limit: number): boolean {
  const { record, feed, child, childLink, target } = expansion;
  const pending = tenant.pending(record, feed);
  const replacing = tenant.pending(record, target?.feed ?? child);
  const children = tenant.entities(child);
  let entitiesLeft = limit;
  let othersLeft = limit;

  for (const [id, key] of pending.above(null)) {
    if (entitiesLeft === 0) return true;
    entitiesLeft -= 1;
    for (const [childId, row] of children.referringTo(childLink, id, key.expandedTo)) {
      if (othersLeft === 0) return true;
      othersLeft -= 1;
      key.expandedTo = childId;
      const other = target === null ? childId : (row.links[target.link] ?? null);
      if (other !== null) replacing.add(other);
    }
    pending.remove(id);
  }
  return false;
}
