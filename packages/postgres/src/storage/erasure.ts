import {
  type DeliveryStore,
  type ErasedCounts,
  type EraseParams,
  type Erasure,
  type KnownTenant,
  StorageError,
  type TenantScope,
} from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import { forSink } from "../database/sink-transaction.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { type ErasedTenant, erasureReader } from "./erasure-reader.js";
import type { FeedLinks } from "./feed-links.js";
import { requireNoLiveLease } from "./live-lease.js";
import { holdScope, isInScope, scopeValues } from "./scope.js";
import { enqueueIds } from "./work-queue.js";

/** Tenants of a company that ever had a run, each with the credential of its newest. */
export async function tenantsOf(
  { query, tables }: Database,
  companyId: string,
): Promise<readonly KnownTenant[]> {
  const { rows } = await query<TenantScope & { readonly credentialId: string }>(
    `SELECT scope.company_id AS "companyId", scope.environment::text AS environment,
      scope.tenant_id AS "tenantId", newest.credential_id AS "credentialId"
    FROM ${tables.tenant_scopes} scope
    CROSS JOIN LATERAL (
      SELECT run.credential_id FROM ${tables.runs} run
      WHERE run.scope_id = scope.scope_id AND run.company_id = scope.company_id
      ORDER BY run.run_number DESC LIMIT 1
    ) newest
    WHERE scope.company_id = $1
    ORDER BY scope.environment::text, length(scope.tenant_id), scope.tenant_id`,
    [companyId],
  );
  return rows.map(({ credentialId, ...scope }) => ({ scope, credentialId }));
}

/** Erases a customer in one transaction that no run of the tenant takes part in. */
export async function eraseCustomer(
  database: Database,
  feedLinks: FeedLinks,
  params: EraseParams,
): Promise<ErasedCounts> {
  const { tables } = database;
  // Checked without a lock first: the lock waits for the writers of a live run.
  await requireNoLiveLease(database, tables, params);
  return await database.transaction(async (transaction) => {
    const scopeId = await lockTenant(transaction, tables, params.scope);
    await requireNoLiveLease(transaction, tables, params);
    const tenant: ErasedTenant = { scopeId, companyId: params.scope.companyId };
    const reader = erasureReader(transaction, tables, feedLinks, tenant);
    const erasure = await params.decide(forSink(transaction), reader, transaction.attempt);
    const entities = await deleteEntities(transaction, tables, tenant, erasure);
    const rejections = await deleteRejections(transaction, tables, tenant, erasure);
    await keepWithdrawal(transaction, tables, tenant, erasure);
    await requeue(transaction, tables, tenant, erasure);
    await suppress(transaction, tables, tenant, erasure);
    return { entities, rejections };
  });
}

/** Drops a batch that was acknowledged outside a run. */
export async function acknowledgeBatch(
  { query, tables }: Database,
  { scope, batchId }: Parameters<DeliveryStore["acknowledgeBatch"]>[0],
): Promise<void> {
  await query(
    `DELETE FROM ${tables.stored_batches} batch WHERE ${isInScope(tables, "batch")} AND batch.batch_id = $4`,
    [...scopeValues(scope), batchId],
  );
}

/**
 * Prevents runs of the tenant from starting, and owners that lost their lease from writing. Leases before
 * the tenant: the order in which runs start and write.
 */
async function lockTenant(transaction: SqlTransaction, tables: Tables, scope: TenantScope): Promise<number> {
  await transaction.query(
    `SELECT FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.run_number = lease.run_number AND run.company_id = lease.company_id
    WHERE ${isInScope(tables, "run")} ORDER BY lease.credential_id FOR UPDATE OF lease`,
    scopeValues(scope),
  );
  const lock = async (): Promise<number | null> => {
    const { rows } = await transaction.query<{ scopeId: number }>(
      `SELECT scope_id AS "scopeId" FROM ${tables.tenant_scopes}
      WHERE company_id = $1 AND environment = $2 AND tenant_id = $3 FOR UPDATE`,
      scopeValues(scope),
    );
    return rows[0]?.scopeId ?? null;
  };
  const known = await lock();
  if (known !== null) return known;
  // A customer may be suppressed in a tenant that was never synced.
  await holdScope(transaction, tables, scope);
  const created = await lock();
  if (created === null) throw new StorageError("A tenant disappeared.", { retryable: true });
  return created;
}

/** Deletes the entities with their keys on the work queue. */
async function deleteEntities(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: ErasedTenant,
  { entities }: Erasure,
): Promise<number> {
  let deleted = 0;
  for (const [feed, ids] of entities) {
    const values = [scopeId, companyId, feed, entityIdArray(ids)];
    const { rowCount } = await transaction.query(
      `DELETE FROM ${tables.entities}
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND entity_id = ANY ($4::bigint[])`,
      values,
    );
    deleted += rowCount;
    await transaction.query(
      `DELETE FROM ${tables.work_items}
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND entity_id = ANY ($4::bigint[])
        AND record = ANY (ARRAY(
          -- The types that the tenant has keys of, each found by one step in the index: a host has types of its own.
          WITH RECURSIVE types (record) AS (
            (SELECT record FROM ${tables.work_items} WHERE scope_id = $1 AND company_id = $2 ORDER BY record LIMIT 1)
            UNION ALL
            SELECT (
              SELECT item.record FROM ${tables.work_items} item
              WHERE item.scope_id = $1 AND item.company_id = $2 AND item.record > types.record
              ORDER BY item.record LIMIT 1
            )
            FROM types WHERE types.record IS NOT NULL
          )
          SELECT record FROM types WHERE record IS NOT NULL
        ))`,
      values,
    );
  }
  return deleted;
}

/** @returns the number that were deleted or lost their payload. */
async function deleteRejections(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: ErasedTenant,
  { entities, rejections, emptied }: Erasure,
): Promise<number> {
  const rows = [...entities].flatMap(([feed, ids]) => ids.map((entityId) => ({ feed, entityId })));
  const deleted = await transaction.query(
    `DELETE FROM ${tables.rejections} rejection
    WHERE rejection.scope_id = $1 AND rejection.company_id = $2 AND (
      (rejection.feed, rejection.entity_id) IN (SELECT * FROM unnest($3::text[], $4::text[]))
      OR rejection.rejection_id = ANY ($5::bigint[])
    )`,
    [
      scopeId,
      companyId,
      rows.map((row) => row.feed),
      rows.map((row) => row.entityId),
      entityIdArray(rejections),
    ],
  );
  const cleared = await transaction.query(
    `UPDATE ${tables.rejections} SET payload = NULL
    WHERE scope_id = $1 AND company_id = $2 AND rejection_id = ANY ($3::bigint[]) AND payload IS NOT NULL`,
    [scopeId, companyId, entityIdArray(emptied)],
  );
  return deleted.rowCount + cleared.rowCount;
}

async function keepWithdrawal(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: ErasedTenant,
  { removals, batches }: Erasure,
): Promise<void> {
  await transaction.query(
    `INSERT INTO ${tables.delivered_records} AS known
      (scope_id, company_id, record_type, entity_id, revision, removed)
    SELECT $1::int, $2, record, entity_id, revision, true
    FROM unnest($3::text[], $4::bigint[], $5::bigint[]) removal (record, entity_id, revision)
    ORDER BY record, entity_id
    ON CONFLICT (scope_id, record_type, entity_id) DO UPDATE
    SET revision = excluded.revision, removed = true, content_hash = NULL, record = NULL,
      delivered_at = clock_timestamp()
    WHERE known.revision <= excluded.revision`,
    [
      scopeId,
      companyId,
      removals.map((removal) => removal.record),
      removals.map((removal) => removal.id),
      removals.map((removal) => removal.revision),
    ],
  );
  for (const { id, record, content } of batches) {
    await transaction.query(
      `INSERT INTO ${tables.stored_batches} (scope_id, company_id, batch_id, record, content)
      VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (scope_id, batch_id) DO UPDATE SET content = excluded.content`,
      [scopeId, companyId, id, record, content],
    );
  }
}

/** Queues records of other customers, all keys in one transaction and in order. */
async function requeue(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: ErasedTenant,
  { requeued: relisted }: Erasure,
): Promise<void> {
  if (relisted.length === 0) return;
  const given = `SELECT DISTINCT record, feed, entity_id
    FROM unnest($3::text[], $4::text[], $5::bigint[]) given (record, feed, entity_id)`;
  await transaction.query(enqueueIds(tables, { scopeId: "$1::int", companyId: "$2" }, given), [
    scopeId,
    companyId,
    relisted.map((key) => key.record),
    relisted.map((key) => key.feed),
    relisted.map((key) => key.id),
  ]);
}

async function suppress(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: ErasedTenant,
  { suppress: added }: Erasure,
): Promise<void> {
  if (added === null) return;
  await transaction.query(
    `INSERT INTO ${tables.suppressions} (scope_id, company_id, customer_hash, row_hash)
    SELECT DISTINCT $1::int, $2, $3, row_hash FROM unnest($4::text[]) row_hash
    ON CONFLICT (scope_id, customer_hash, row_hash) DO UPDATE SET suppressed_at = clock_timestamp()`,
    [scopeId, companyId, added.customer, added.rows],
  );
}
