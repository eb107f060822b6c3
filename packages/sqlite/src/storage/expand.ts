import type { Expansion, Storage } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";
import { findLink, parseLinks } from "./links.js";
import { enqueueIds, type PendingKey } from "./work-queue.js";

interface PendingEntity {
  readonly id: string;
  /** The last of those it leads to that was queued; `null` if none was. */
  readonly expandedTo: string | null;
}

/** Puts what listed entities lead to in their place, in one bounded step. */
export async function expandKeys(
  database: Database,
  { lease, scope, expansion, limit }: Parameters<Storage["expandKeys"]>[0],
): Promise<boolean> {
  return await database.transaction((transaction) => {
    const holder = requireLease(transaction, lease, scope, database.now());
    const listed = findPending(transaction, holder, expansion, limit + 1);
    const others = new Map<string, PendingKey>();
    let left = limit;
    let isDone = listed.length <= limit;
    for (const entity of listed.slice(0, limit)) {
      const children = findChildren(transaction, holder, expansion, entity, left + 1);
      for (const child of children.slice(0, left)) {
        const other = otherOf(transaction, holder, expansion, child);
        if (other !== null) others.set(other.id, other);
      }
      if (children.length > left) {
        // It leads to more than fit: it keeps its place.
        const last = left === 0 ? null : (children[left - 1] ?? null);
        if (last !== null) keepPlace(transaction, holder, expansion, entity.id, last);
        isDone = false;
        break;
      }
      left -= children.length;
      takeOff(transaction, holder, expansion, entity.id);
    }
    enqueueIds(transaction, holder.scopeId, [...others.values()]);
    return !isDone;
  });
}

function findPending(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { record, feed }: Expansion,
  limit: number,
): readonly PendingEntity[] {
  return statements.all<PendingEntity>(
    `SELECT CAST(item.entity_id AS TEXT) AS id, CAST(item.expanded_to AS TEXT) AS expandedTo FROM work_items item
    WHERE item.scope_id = ?1 AND item.record = ?2 AND item.feed = ?3 ORDER BY item.entity_id LIMIT ?4`,
    scopeId,
    record,
    feed,
    limit,
  );
}

/** Those that name a queued entity, in ascending order of ids, after the last one processed. */
function findChildren(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { child, childLink }: Expansion,
  { id, expandedTo }: PendingEntity,
  limit: number,
): readonly string[] {
  const rows = statements.all<{ id: string }>(
    `SELECT CAST(link.entity_id AS TEXT) AS id FROM entity_links link
    WHERE link.link_number = ?1 AND link.target_id = ?2 AND link.entity_id > ?3
    ORDER BY link.entity_id LIMIT ?4`,
    findLink(statements, scopeId, child, childLink),
    id,
    expandedTo ?? "-1",
    limit,
  );
  return rows.map((row) => row.id);
}

/** What is queued for one that names the queued entity: itself, or what it names in turn. */
function otherOf(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { record, child, target }: Expansion,
  id: string,
): PendingKey | null {
  if (target === null) return { record, feed: child, id };
  const row = statements.get<{ links: string }>(
    "SELECT links FROM entities INDEXED BY entities_by_id WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3",
    scopeId,
    child,
    id,
  );
  const other = row === undefined ? undefined : parseLinks(row.links)[target.link];
  return other === undefined ? null : { record, feed: target.feed, id: other };
}

function takeOff(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { record, feed }: Expansion,
  id: string,
): void {
  statements.run(
    "DELETE FROM work_items WHERE scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4",
    scopeId,
    record,
    feed,
    id,
  );
}

function keepPlace(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { record, feed }: Expansion,
  id: string,
  expandedTo: string,
): void {
  statements.run(
    `UPDATE work_items SET expanded_to = ?5
    WHERE scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4`,
    scopeId,
    record,
    feed,
    id,
    expandedTo,
  );
}
