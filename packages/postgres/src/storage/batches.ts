import type { StagedBatch, Storage, TenantScope } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { idArray } from "../database/id-array.js";
import { lockLease } from "./lease-holder.js";
import { isInScope, scopeValues } from "./scope.js";

/** Keeps a batch until it is acknowledged, and claims its keys. A known one stays as it is. */
export async function stage(
  database: Database,
  { lease, scope, batch, feed, ids }: Parameters<Storage["stageBatch"]>[0],
): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    const { scopeId, companyId } = await lockLease(transaction, tables, lease, scope);
    await transaction.query(
      `INSERT INTO ${tables.stored_batches} (scope_id, company_id, batch_id, record, content)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope_id, batch_id) DO NOTHING`,
      [scopeId, companyId, batch.id, batch.record, batch.content],
    );
    if (ids.length === 0) return;
    await transaction.query(
      `WITH held AS MATERIALIZED (
        SELECT entity_id FROM ${tables.work_items}
        WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4 AND entity_id = ANY ($5::bigint[])
          AND claimed_fence IS DISTINCT FROM $6
        ORDER BY entity_id FOR UPDATE
      )
      UPDATE ${tables.work_items} SET claimed_fence = $6
      WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4
        AND entity_id = ANY (ARRAY(SELECT entity_id FROM held))`,
      [scopeId, companyId, batch.record, feed, idArray(ids), lease.fence],
    );
  });
}

/** In the order in which they were stored. */
export async function storedBatches(
  { query, tables }: Database,
  scope: TenantScope,
): Promise<readonly StagedBatch[]> {
  const { rows } = await query<StagedBatch>(
    `SELECT batch_id AS id, record::text AS record, content FROM ${tables.stored_batches} batch
    WHERE ${isInScope(tables, "batch")} ORDER BY batch_number`,
    scopeValues(scope),
  );
  return rows;
}
