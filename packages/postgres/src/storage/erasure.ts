import {
  type CustomerData,
  type DeliveredRecord,
  type ErasedCounts,
  type EraseParams,
  type ErasureStore,
  type FeedName,
  type KnownTenant,
  type RecordType,
  StorageError,
  type StoredBatch,
  type TenantScope,
  type Withdrawal,
} from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { isEntityId } from "../database/entity-ids.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber, leastRevision } from "../database/values.js";
import { linkColumn } from "./link-column.js";
import { requireNoLiveOwner } from "./live-owner.js";
import { isInScope, scopeValues } from "./scope.js";

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
export async function eraseCustomer(database: Database, params: EraseParams): Promise<ErasedCounts> {
  const { tables } = database;
  // Asked without a lock first: the lock waits for the writers of a run that is alive.
  await requireNoLiveOwner(database, tables, params);
  return await database.transaction(async (transaction) => {
    const scopeId = await lockTenant(transaction, tables, params.scope);
    if (scopeId === null) return { entities: 0, records: 0, rejections: 0 };
    await requireNoLiveOwner(transaction, tables, params);
    const tenant: Tenant = { scopeId, companyId: params.scope.companyId };
    const found = await findCustomer(transaction, tables, tenant, params);
    const withdrawal = await params.withdraw(transaction, found);
    const entities = await deleteEntities(transaction, tables, tenant, found);
    const rejections = await deleteRejections(transaction, tables, tenant, found, params.rejected);
    await keepWithdrawal(transaction, tables, tenant, withdrawal);
    return { entities, records: withdrawal.removals.length, rejections };
  });
}

/** Drops a batch that was acknowledged outside a run. */
export async function acknowledgeBatch(
  { query, tables }: Database,
  { scope, batchId }: Parameters<ErasureStore["acknowledgeBatch"]>[0],
): Promise<void> {
  await query(
    `DELETE FROM ${tables.stored_batches} batch WHERE ${isInScope(tables, "batch")} AND batch.batch_id = $4`,
    [...scopeValues(scope), batchId],
  );
}

interface Tenant {
  readonly scopeId: number;
  readonly companyId: string;
}

/**
 * Keeps runs of the tenant from beginning, and owners that lost their lease from writing on. Leases before the
 * tenant: the order in which runs begin and write.
 * @returns `null` for a tenant that nothing was ever kept of.
 */
async function lockTenant(
  transaction: SqlTransaction,
  tables: Tables,
  scope: TenantScope,
): Promise<number | null> {
  await transaction.query(
    `SELECT FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.run_number = lease.run_number AND run.company_id = lease.company_id
    WHERE ${isInScope(tables, "run")} ORDER BY lease.credential_id FOR UPDATE OF lease`,
    scopeValues(scope),
  );
  const { rows } = await transaction.query<{ scopeId: number }>(
    `SELECT scope_id AS "scopeId" FROM ${tables.tenant_scopes}
    WHERE company_id = $1 AND environment = $2 AND tenant_id = $3 FOR UPDATE`,
    scopeValues(scope),
  );
  return rows[0]?.scopeId ?? null;
}

async function findCustomer(
  transaction: SqlTransaction,
  tables: Tables,
  tenant: Tenant,
  { customerId, links, drivers }: EraseParams,
): Promise<CustomerData> {
  const entities = new Map<FeedName, readonly string[]>([["customers", [customerId]]]);
  for (const { feed, link } of links) {
    const column = linkColumn(link);
    if (column === null) continue;
    const { rows } = await transaction.query<{ id: string }>(
      `SELECT entity_id::text AS id FROM ${tables.entities} entity
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND ${column} = ANY ($4::bigint[])
      ORDER BY entity.entity_id`,
      [tenant.scopeId, tenant.companyId, feed, isEntityId(customerId) ? [customerId] : []],
    );
    const known = new Set([...(entities.get(feed) ?? []), ...rows.map((row) => row.id)]);
    entities.set(feed, inOrder(known));
  }
  const delivered = new Map<RecordType, readonly DeliveredRecord[]>();
  for (const { record, feed } of drivers) {
    const { rows } = await transaction.query<DeliveredRecord>(
      `SELECT entity_id::text AS id, content_hash AS "contentHash", ${asNumber("revision")} AS revision, removed
      FROM ${tables.delivered_records} delivered
      WHERE scope_id = $1 AND company_id = $2 AND record_type = $3 AND entity_id = ANY ($4::bigint[])
      ORDER BY delivered.entity_id`,
      [tenant.scopeId, tenant.companyId, record, (entities.get(feed) ?? []).filter(isEntityId)],
    );
    delivered.set(record, rows);
  }
  const { rows: batches } = await transaction.query<StoredBatch>(
    `SELECT batch_id AS id, record::text AS record, content FROM ${tables.stored_batches}
    WHERE scope_id = $1 AND company_id = $2 ORDER BY batch_number`,
    [tenant.scopeId, tenant.companyId],
  );
  const { rows: clock } = await transaction.query<{ now: number }>(
    `SELECT ${asNumber(leastRevision)} AS now`,
  );
  if (clock[0] === undefined)
    throw new StorageError("The server did not tell its time.", { retryable: true });
  return { entities, delivered, batches, leastRevision: clock[0].now };
}

/** By number: of ids, the shorter one is the smaller. */
function inOrder(ids: ReadonlySet<string>): readonly string[] {
  return [...ids].sort((left, right) => left.length - right.length || (left < right ? -1 : 1));
}

/** Deletes the entities with their keys on the work list. */
async function deleteEntities(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: Tenant,
  { entities }: CustomerData,
): Promise<number> {
  let deleted = 0;
  for (const [feed, ids] of entities) {
    const values = [scopeId, companyId, feed, ids.filter(isEntityId)];
    const { rowCount } = await transaction.query(
      `DELETE FROM ${tables.entities}
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND entity_id = ANY ($4::bigint[])`,
      values,
    );
    deleted += rowCount;
    await transaction.query(
      `DELETE FROM ${tables.work_items}
      WHERE scope_id = $1 AND company_id = $2 AND record IN ('member', 'invoice') AND feed = $3
        AND entity_id = ANY ($4::bigint[])`,
      values,
    );
  }
  return deleted;
}

async function deleteRejections(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: Tenant,
  { entities }: CustomerData,
  rejected: EraseParams["rejected"],
): Promise<number> {
  const rows = [
    ...[...entities].flatMap(([feed, ids]) => ids.map((entityId) => ({ feed, entityId }))),
    ...rejected,
  ];
  const { rowCount } = await transaction.query(
    `DELETE FROM ${tables.rejections} rejection
    USING (SELECT DISTINCT * FROM unnest($3::text[], $4::text[]) erased (feed, entity_id)) erased
    WHERE rejection.scope_id = $1 AND rejection.company_id = $2 AND rejection.feed = erased.feed
      AND rejection.entity_id = erased.entity_id`,
    [scopeId, companyId, rows.map((row) => row.feed), rows.map((row) => row.entityId)],
  );
  return rowCount;
}

async function keepWithdrawal(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: Tenant,
  { removals, batches }: Withdrawal,
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
