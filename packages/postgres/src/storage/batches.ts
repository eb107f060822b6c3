import type { StoredBatch, SyncStore, TenantScope } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockLease } from "./owner.js";
import { isInScope, scopeValues } from "./scope.js";

/** Keeps a batch until it is acknowledged. A known one stays as it is. */
export async function stage(
  database: Database,
  { lease, scope, batch }: Parameters<SyncStore["stage"]>[0],
): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    const { scopeId, companyId } = await lockLease(transaction, tables, lease, scope);
    await transaction.query(
      `INSERT INTO ${tables.stored_batches} (scope_id, company_id, batch_id, record, content)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope_id, batch_id) DO NOTHING`,
      [scopeId, companyId, batch.id, batch.record, batch.content],
    );
  });
}

/** In the order in which they were stored. */
export async function storedBatches(
  { query, tables }: Database,
  scope: TenantScope,
): Promise<readonly StoredBatch[]> {
  const { rows } = await query<StoredBatch>(
    `SELECT batch_id AS id, record::text AS record, content FROM ${tables.stored_batches} batch
    WHERE ${isInScope(tables, "batch")} ORDER BY batch_number`,
    scopeValues(scope),
  );
  return rows;
}
