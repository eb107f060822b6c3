import type { StagedBatch, Storage, TenantScope } from "@titan-sync/core";

import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { requireLease } from "./lease-holder.js";
import { findScopeId } from "./scope.js";

/** Keeps a batch until it is acknowledged, and claims its keys. A known one stays as it is. */
export async function stageBatch(
  database: Database,
  { lease, scope, batch, feed, ids }: Parameters<Storage["stageBatch"]>[0],
): Promise<void> {
  await database.transaction((transaction) => {
    const now = database.now();
    const { scopeId } = requireLease(transaction, lease, scope, now);
    transaction.run(
      `INSERT INTO stored_batches (scope_id, batch_id, record, content, stored_at)
      VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (scope_id, batch_id) DO NOTHING`,
      scopeId,
      batch.id,
      batch.record,
      batch.content,
      now,
    );
    for (const id of ids) {
      transaction.run(
        `UPDATE work_items SET claimed_fence = ?5
        WHERE scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4`,
        scopeId,
        batch.record,
        feed,
        id,
        lease.fence,
      );
    }
  });
}

/** In the order in which they were stored. */
export async function listStagedBatches(
  database: Database,
  scope: TenantScope,
): Promise<readonly StagedBatch[]> {
  return await database.read((statements) => batchesOf(statements, findScopeId(statements, scope)));
}

/** All of a tenant, in the order in which they were stored. */
export function batchesOf(statements: Statements, scopeId: number | null): readonly StagedBatch[] {
  return statements.all<StagedBatch>(
    "SELECT batch_id AS id, record, content FROM stored_batches WHERE scope_id = ?1 ORDER BY batch_number",
    scopeId,
  );
}

/** Drops a batch that was acknowledged. */
export function dropBatch(statements: Statements, scopeId: number | null, batchId: string): void {
  statements.run("DELETE FROM stored_batches WHERE scope_id = ?1 AND batch_id = ?2", scopeId, batchId);
}
