import type { Expansion, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { idArray } from "../database/id-array.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import type { FeedLinks } from "./feed-links.js";
import { type LeaseHolder, lockLease } from "./lease-holder.js";
import { enqueueIds } from "./work-queue.js";

/** Puts what pending entities lead to in their place, in one bounded step. */
export async function expand(
  database: Database,
  feedLinks: FeedLinks,
  { lease, scope, expansion, limit }: Parameters<Storage["expandKeys"]>[0],
): Promise<boolean> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    const listed = await lockPending(transaction, tables, owner, expansion, limit + 1);
    const step = planStep(listed, limit);
    if (step === null) return false;
    const { child, childLink, target } = expansion;
    const columns = {
      parent: await feedLinks.columnOf(transaction, child, childLink),
      other: target === null ? "entity_id" : await feedLinks.columnOf(transaction, child, target.link),
    };
    const { done, stoppedAt } = await listOthers(transaction, tables, owner, expansion, columns, step, limit);
    await takeOff(transaction, tables, owner, expansion, done);
    if (stoppedAt !== null) await keepPlace(transaction, tables, owner, expansion, stoppedAt);
    return stoppedAt !== null || listed.length > done.length;
  });
}

interface PendingEntity {
  readonly id: string;
  /** The last of those it leads to that was queued; `null` if none was. */
  readonly expandedTo: string | null;
}

interface Step {
  /** Ascending. */
  readonly ids: readonly string[];
  /** For the first one: those it leads to up to here are already queued. */
  readonly after: string;
}

/** One that keeps its place is processed alone, so that a step starts at one place. */
function planStep(listed: readonly PendingEntity[], limit: number): Step | null {
  const [first] = listed;
  if (first === undefined) return null;
  if (first.expandedTo !== null) return { ids: [first.id], after: first.expandedTo };
  const next = listed.findIndex((entity) => entity.expandedTo !== null);
  const fresh = next === -1 ? listed : listed.slice(0, next);
  return { ids: fresh.slice(0, limit).map((entity) => entity.id), after: "-1" };
}

async function lockPending(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record, feed }: Expansion,
  limit: number,
): Promise<readonly PendingEntity[]> {
  const { rows } = await transaction.query<PendingEntity>(
    `SELECT entity_id::text AS id, expanded_to::text AS "expandedTo" FROM ${tables.work_items} item
    WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4
    ORDER BY item.entity_id LIMIT $5 FOR UPDATE`,
    [scopeId, companyId, record, feed, limit],
  );
  return rows;
}

interface Expanded {
  readonly done: readonly string[];
  /** The pending entity that leads to more, and the last of those that is now queued. */
  readonly stoppedAt: { readonly id: string; readonly expandedTo: string } | null;
}

/** Queues up to `limit` of those that the step's entities lead to, in the order of the index. */
async function listOthers(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record, child, target }: Expansion,
  { parent, other }: { readonly parent: string | null; readonly other: string | null },
  { ids, after }: Step,
  limit: number,
): Promise<Expanded> {
  // Nothing refers through a link that no entity has.
  if (parent === null || other === null) return { done: ids, stoppedAt: null };
  const { rows } = await transaction.query<{ id: string; child: string; place: number }>(
    `WITH led AS MATERIALIZED (
      SELECT ${parent} AS parent, entity_id, ${other} AS other, row_number() OVER (ORDER BY ${parent}, entity_id) AS place
      FROM ${tables.entities}
      WHERE scope_id = $1 AND company_id = $2 AND feed = $4 AND ${parent} = ANY ($6::bigint[])
        AND entity_id > $7::bigint
      ORDER BY ${parent}, entity_id LIMIT $8 + 1
    ),
    listed AS (
      ${enqueueIds(
        tables,
        { scopeId: "$1::int", companyId: "$2" },
        "SELECT DISTINCT $3::text, $5::text, other FROM led WHERE place <= $8 AND other IS NOT NULL",
      )}
    )
    SELECT parent::text AS id, entity_id::text AS child, place::float8 AS place
    FROM led WHERE place >= $8 ORDER BY led.place`,
    [scopeId, companyId, record, child, target?.feed ?? child, idArray(ids), after, limit],
  );
  const last = rows.find((row) => row.place === limit);
  const next = rows.find((row) => row.place > limit);
  if (last === undefined || next === undefined) return { done: ids, stoppedAt: null };
  // The next one to queue belongs to the unfinished entity: those before it are done.
  return {
    done: ids.filter((id) => BigInt(id) < BigInt(next.id)),
    stoppedAt: next.id === last.id ? { id: last.id, expandedTo: last.child } : null,
  };
}

async function takeOff(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record, feed }: Expansion,
  ids: readonly string[],
): Promise<void> {
  await transaction.query(
    `DELETE FROM ${tables.work_items}
    WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4 AND entity_id = ANY ($5::bigint[])`,
    [scopeId, companyId, record, feed, idArray(ids)],
  );
}

async function keepPlace(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record, feed }: Expansion,
  { id, expandedTo }: { readonly id: string; readonly expandedTo: string },
): Promise<void> {
  await transaction.query(
    `UPDATE ${tables.work_items} SET expanded_to = $6
    WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4 AND entity_id = $5`,
    [scopeId, companyId, record, feed, id, expandedTo],
  );
}
