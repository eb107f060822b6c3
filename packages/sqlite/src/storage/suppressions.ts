import {
  type Page,
  type PageRequest,
  StorageError,
  type Suppression,
  type SuppressionSecret,
  type SuppressionStore,
} from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { findScopeId } from "./scope.js";

function findSecret(statements: Statements, companyId: string): string | null {
  const row = statements.get<{ secret: string }>(
    "SELECT secret FROM suppression_secrets WHERE company_id = ?1",
    companyId,
  );
  return row?.secret ?? null;
}

export async function findSuppressionSecret(database: Database, companyId: string): Promise<string | null> {
  return await database.read((statements) => findSecret(statements, companyId));
}

export async function saveSuppressionSecret(
  database: Database,
  { companyId, secret }: SuppressionSecret,
): Promise<string> {
  return await database.transaction((transaction) => {
    transaction.run(
      "INSERT INTO suppression_secrets (company_id, secret, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
      companyId,
      secret,
      database.now(),
    );
    const kept = findSecret(transaction, companyId);
    if (kept === null) throw new StorageError("A new secret was not kept.");
    return kept;
  });
}

/** Ordered by company. */
export async function listSuppressionSecrets(
  database: Database,
  page: PageRequest,
): Promise<Page<SuppressionSecret>> {
  const conditions = new Conditions().addAll(
    decodeCursor("suppression-secrets", 1, page),
    (companyId) => `company_id > ${companyId}`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<SuppressionSecret>(
      `SELECT company_id AS companyId, secret FROM suppression_secrets${conditions.where}
      ORDER BY company_id LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("suppression-secrets", rows, page, { item: (row) => row, place: (row) => [row.companyId] });
}

export async function replaceSuppressionSecret(
  database: Database,
  { companyId, expected, replacement }: Parameters<SuppressionStore["replaceSuppressionSecret"]>[0],
): Promise<boolean> {
  const changed = await database.transaction((transaction) =>
    transaction.run(
      "UPDATE suppression_secrets SET secret = ?3 WHERE company_id = ?1 AND secret = ?2",
      companyId,
      expected,
      replacement,
    ),
  );
  return changed > 0;
}

export async function listSuppressedRows(
  database: Database,
  { scope, after, limit }: Parameters<SuppressionStore["listSuppressedRows"]>[0],
): Promise<readonly string[]> {
  return await database.read((statements) => {
    const rows = statements.all<{ hash: string }>(
      `SELECT DISTINCT row_hash AS hash FROM suppressions INDEXED BY suppressions_by_row
      WHERE scope_id = ?1 AND row_hash > ?2 ORDER BY row_hash LIMIT ?3`,
      findScopeId(statements, scope),
      after ?? "",
      limit,
    );
    return rows.map((row) => row.hash);
  });
}

/** Ordered by environment, tenant and hash. */
export async function listSuppressions(
  database: Database,
  filter: Parameters<SuppressionStore["listSuppressions"]>[0],
  page: PageRequest,
): Promise<Page<Suppression>> {
  // Tenant ids are digits: the shorter one is the smaller.
  const order = "scope.environment, length(scope.tenant_id), scope.tenant_id, kept.customer_hash";
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `scope.company_id = ${value}`)
    .add(filter.environment, (value) => `scope.environment = ${value}`)
    .add(filter.customer, (value) => `kept.customer_hash = ${value}`)
    .addAll(
      decodeCursor("suppressions", 3, page),
      (environment, tenantId, hash) =>
        `(${order}) > (${environment}, length(${tenantId}), ${tenantId}, ${hash})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  interface Row extends Omit<Suppression, "scope"> {
    readonly environment: Suppression["scope"]["environment"];
    readonly tenantId: string;
  }
  const rows = await database.read((statements) =>
    statements.all<Row>(
      `SELECT scope.environment, scope.tenant_id AS tenantId, kept.customer_hash AS customer,
        max(kept.suppressed_at) AS suppressedAt
      FROM tenant_scopes scope CROSS JOIN suppressions kept ON kept.scope_id = scope.scope_id${conditions.where}
      GROUP BY scope.scope_id, kept.customer_hash ORDER BY ${order} LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("suppressions", rows, page, {
    item: ({ environment, tenantId, customer, suppressedAt }) => ({
      scope: { companyId: filter.companyId, environment, tenantId },
      customer,
      suppressedAt,
    }),
    place: (row) => [row.environment, row.tenantId, row.customer],
  });
}

export async function liftSuppressions(
  database: Database,
  { companyId, environment, customer }: Parameters<SuppressionStore["liftSuppressions"]>[0],
): Promise<number> {
  return await database.transaction((transaction) => {
    const lifted = transaction.all<{ scopeId: number; customer: string }>(
      `SELECT DISTINCT kept.scope_id AS scopeId, kept.customer_hash AS customer
      FROM tenant_scopes scope CROSS JOIN suppressions kept ON kept.scope_id = scope.scope_id
      WHERE scope.company_id = ?1 AND (?2 IS NULL OR scope.environment = ?2)
        AND (?3 IS NULL OR kept.customer_hash = ?3)`,
      companyId,
      environment ?? null,
      customer ?? null,
    );
    for (const row of lifted) {
      transaction.run(
        "DELETE FROM suppressions WHERE scope_id = ?1 AND customer_hash = ?2",
        row.scopeId,
        row.customer,
      );
    }
    return lifted.length;
  });
}

export async function removeSuppressions(database: Database, companyId: string): Promise<void> {
  await database.transaction((transaction) => {
    transaction.run(
      "DELETE FROM suppressions WHERE scope_id IN (SELECT scope_id FROM tenant_scopes WHERE company_id = ?1)",
      companyId,
    );
    transaction.run("DELETE FROM suppression_secrets WHERE company_id = ?1", companyId);
  });
}
