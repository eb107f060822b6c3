import type {
  DeliveryStore,
  ErasedCounts,
  EraseParams,
  Erasure,
  ErasureReader,
  KnownTenant,
  RecordType,
  RejectedRow,
  TenantScope,
} from "@titan-sync/core";
import { isEntityId } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { batchesOf, dropBatch } from "./batches.js";
import { minRevision } from "./claim.js";
import { rowsById, rowsByLink } from "./landed-rows.js";
import { type Links, LinkWriter, parseLinks } from "./links.js";
import { requireNoLiveLeaseOf } from "./live-lease.js";
import { ensureScopeId, findScopeId } from "./scope.js";
import { deliveredOf } from "./tenant-reads.js";
import { enqueueIds } from "./work-queue.js";

/** Tenants of a company that ever had a run, each with the credential of its newest. */
export async function listTenants(database: Database, companyId: string): Promise<readonly KnownTenant[]> {
  const rows = await database.read((statements) =>
    statements.all<TenantScope & { readonly credentialId: string | null }>(
      `SELECT scope.company_id AS companyId, scope.environment, scope.tenant_id AS tenantId, (
        SELECT run.credential_id FROM runs run INDEXED BY runs_by_scope WHERE run.scope_id = scope.scope_id
        ORDER BY run.started_at DESC, run.run_number DESC LIMIT 1
      ) AS credentialId
      FROM tenant_scopes scope WHERE scope.company_id = ?1
      ORDER BY scope.environment, length(scope.tenant_id), scope.tenant_id`,
      companyId,
    ),
  );
  return rows.flatMap(({ credentialId, ...scope }) =>
    credentialId === null ? [] : [{ scope, credentialId }],
  );
}

/** Erases a customer in one transaction that no run of the tenant takes part in. */
export async function eraseCustomer(
  database: Database,
  { scope, decide }: EraseParams,
  writeInTimeoutMs: number,
): Promise<ErasedCounts> {
  return await database.transaction((transaction) => {
    const now = database.now();
    // A customer may be suppressed in a tenant that was never synced.
    const scopeId = ensureScopeId(transaction, scope);
    requireNoLiveLeaseOf(transaction, scopeId, now);
    transaction.limitTo(writeInTimeoutMs);
    const erase = async (): Promise<ErasedCounts> => {
      const reader = erasureReader(transaction, scopeId, now);
      const erasure = await decide(transaction, reader, transaction.attempt);
      return carryOut(transaction, { scopeId, companyId: scope.companyId }, erasure, database.now());
    };
    return erase();
  });
}

/** Drops a batch that was acknowledged outside a run. */
export async function acknowledgeBatch(
  database: Database,
  { scope, batchId }: Parameters<DeliveryStore["acknowledgeBatch"]>[0],
): Promise<void> {
  await database.transaction((transaction) =>
    dropBatch(transaction, findScopeId(transaction, scope), batchId),
  );
}

interface LinksRow {
  readonly id: string;
  readonly links: string;
}

/** Reads a tenant's data inside the erasing transaction. */
function erasureReader(statements: Statements, scopeId: number, now: number): ErasureReader {
  const toLinked = ({ id, links }: LinksRow): { id: string; links: Links } => ({
    id,
    links: parseLinks(links),
  });
  return {
    findEntities: async ({ feed, ids }) =>
      rowsById<LinksRow>(statements, "entity.links", scopeId, feed, ids).map(toLinked),
    findEntitiesByLink: async (link) =>
      rowsByLink<LinksRow>(statements, "entity.links", scopeId, link).map(toLinked),
    listRejections: async ({ after, limit }) =>
      statements.all<RejectedRow>(
        `SELECT CAST(rejection.rejection_id AS TEXT) AS id, feed, entity_id AS entityId, stage, payload
        FROM rejections rejection NOT INDEXED
        WHERE rejection.scope_id = ?1 AND rejection.rejection_id > ?2 ORDER BY rejection.rejection_id LIMIT ?3`,
        scopeId,
        after ?? "0",
        limit,
      ),
    findDeliveredRecords: async ({ record, ids }) => deliveredOf(statements, scopeId, record, ids),
    findDeliveredContaining: async ({ record, texts }) =>
      statements
        .all<{ id: string }>(
          `SELECT CAST(delivered.entity_id AS TEXT) AS id
          FROM delivered_records delivered INDEXED BY delivered_records_current
          WHERE delivered.scope_id = ?1 AND delivered.record_type = ?2 AND delivered.removed = 0
            AND EXISTS (SELECT 1 FROM json_each(?3) part WHERE instr(delivered.record, part.value) > 0)
          ORDER BY delivered.entity_id`,
          scopeId,
          record,
          JSON.stringify(texts),
        )
        .map((row) => row.id),
    listStagedBatches: async () => batchesOf(statements, scopeId),
    minRevision: async () => minRevision(now),
  };
}

interface ErasedTenant {
  readonly scopeId: number;
  readonly companyId: string;
}

function carryOut(statements: Statements, tenant: ErasedTenant, erasure: Erasure, now: number): ErasedCounts {
  const entities = deleteEntities(statements, tenant, erasure);
  const rejections = deleteRejections(statements, tenant, erasure);
  keepWithdrawal(statements, tenant, erasure, now);
  enqueueIds(statements, tenant.scopeId, erasure.requeued);
  suppress(statements, tenant, erasure, now);
  return { entities, rejections };
}

/** Deletes the entities with their keys on the work queue. */
function deleteEntities(statements: Statements, { scopeId }: ErasedTenant, { entities }: Erasure): number {
  let deleted = 0;
  const recordTypes = recordTypesInQueue(statements, scopeId);
  for (const [feed, ids] of entities) {
    const writer = new LinkWriter(statements, scopeId, feed);
    for (const id of ids.filter(isEntityId)) {
      const row = statements.get<{ links: string }>(
        `DELETE FROM entities WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3 RETURNING links`,
        scopeId,
        feed,
        id,
      );
      if (row !== undefined) {
        deleted += 1;
        writer.replace(id, parseLinks(row.links), {});
      }
      for (const record of recordTypes) {
        statements.run(
          "DELETE FROM work_items WHERE scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4",
          scopeId,
          record,
          feed,
          id,
        );
      }
    }
  }
  return deleted;
}

/**
 * The record types of a tenant's keys, each found by one index step, because a host may define its own
 * types.
 */
function recordTypesInQueue(statements: Statements, scopeId: number): readonly RecordType[] {
  return statements
    .all<{ record: RecordType | null }>(
      `WITH RECURSIVE types (record) AS (
        SELECT (SELECT min(record) FROM work_items WHERE scope_id = ?1)
        UNION ALL
        SELECT (SELECT min(record) FROM work_items WHERE scope_id = ?1 AND record > types.record)
        FROM types WHERE types.record IS NOT NULL
      )
      SELECT record FROM types`,
      scopeId,
    )
    .flatMap(({ record }) => record ?? []);
}

/** @returns the number that were deleted or lost their payload. */
function deleteRejections(
  statements: Statements,
  { scopeId }: ErasedTenant,
  { entities, rejections, emptied }: Erasure,
): number {
  let changed = 0;
  for (const [feed, ids] of entities) {
    for (const id of ids) {
      changed += statements.run(
        "DELETE FROM rejections WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3",
        scopeId,
        feed,
        id,
      );
    }
  }
  for (const id of rejections.filter(isEntityId)) {
    changed += statements.run(
      "DELETE FROM rejections WHERE scope_id = ?1 AND rejection_id = ?2",
      scopeId,
      id,
    );
  }
  for (const id of emptied.filter(isEntityId)) {
    changed += statements.run(
      "UPDATE rejections SET payload = NULL WHERE scope_id = ?1 AND rejection_id = ?2 AND payload IS NOT NULL",
      scopeId,
      id,
    );
  }
  return changed;
}

function keepWithdrawal(
  statements: Statements,
  { scopeId }: ErasedTenant,
  { removals, batches }: Erasure,
  now: number,
): void {
  for (const { record, id, revision } of removals) {
    statements.run(
      `INSERT INTO delivered_records AS known
        (scope_id, record_type, entity_id, revision, removed, content_hash, record, delivered_at)
      VALUES (?1, ?2, ?3, ?4, 1, NULL, NULL, ?5)
      ON CONFLICT (scope_id, record_type, entity_id) DO UPDATE
      SET revision = excluded.revision, removed = 1, content_hash = NULL, record = NULL,
        delivered_at = excluded.delivered_at
      WHERE known.revision <= excluded.revision`,
      scopeId,
      record,
      id,
      revision,
      now,
    );
  }
  for (const { id, record, content } of batches) {
    statements.run(
      `INSERT INTO stored_batches (scope_id, batch_id, record, content, stored_at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (scope_id, batch_id) DO UPDATE SET content = excluded.content`,
      scopeId,
      id,
      record,
      content,
      now,
    );
  }
}

function suppress(
  statements: Statements,
  { scopeId }: ErasedTenant,
  { suppress: added }: Erasure,
  now: number,
): void {
  for (const row of added?.rows ?? []) {
    statements.run(
      `INSERT INTO suppressions (scope_id, customer_hash, row_hash, suppressed_at) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (scope_id, customer_hash, row_hash) DO UPDATE SET suppressed_at = excluded.suppressed_at`,
      scopeId,
      added?.customer ?? "",
      row,
      now,
    );
  }
}
