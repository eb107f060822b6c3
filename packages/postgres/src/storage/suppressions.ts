import type { Page, PageRequest, Suppression, SuppressionSecret, SuppressionStore } from "@titan-sync/core";
import { StorageError } from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { epochMs } from "../database/values.js";
import { isInScope, scopeValues } from "./scope.js";

export async function findSuppressionSecret(
  { query, tables }: Database,
  companyId: string,
): Promise<string | null> {
  const { rows } = await query<{ secret: string }>(
    `SELECT secret FROM ${tables.suppression_secrets} WHERE company_id = $1`,
    [companyId],
  );
  return rows[0]?.secret ?? null;
}

export async function keepSuppressionSecret(
  database: Database,
  { companyId, secret }: SuppressionSecret,
): Promise<string> {
  const { query, tables } = database;
  await query(
    `INSERT INTO ${tables.suppression_secrets} (company_id, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [companyId, secret],
  );
  const kept = await findSuppressionSecret(database, companyId);
  if (kept === null) throw new StorageError("A new secret disappeared.", { retryable: true });
  return kept;
}

/** Ordered by company. */
export async function listSuppressionSecrets(
  { query, tables }: Database,
  page: PageRequest,
): Promise<Page<SuppressionSecret>> {
  const conditions = new Conditions().addAll(
    decodeCursor("suppression-secrets", 1, page),
    (companyId) => `company_id > ${companyId}`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<SuppressionSecret>(
    `SELECT company_id AS "companyId", secret FROM ${tables.suppression_secrets} kept${conditions.where}
    ORDER BY kept.company_id LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("suppression-secrets", rows, page, { item: (row) => row, place: (row) => [row.companyId] });
}

export async function replaceSuppressionSecret(
  { query, tables }: Database,
  { companyId, expected, replacement }: Parameters<SuppressionStore["replaceSuppressionSecret"]>[0],
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.suppression_secrets} SET secret = $3 WHERE company_id = $1 AND secret = $2`,
    [companyId, expected, replacement],
  );
  return rowCount > 0;
}

export async function suppressedRows(
  { query, tables }: Database,
  { scope, after, limit }: Parameters<SuppressionStore["listSuppressedRows"]>[0],
): Promise<readonly string[]> {
  const { rows } = await query<{ hash: string }>(
    `SELECT DISTINCT row_hash AS hash FROM ${tables.suppressions} kept
    WHERE ${isInScope(tables, "kept")} AND row_hash > $4 ORDER BY hash LIMIT $5`,
    [...scopeValues(scope), after ?? "", limit],
  );
  return rows.map((row) => row.hash);
}

/** Ordered by environment, tenant and hash. */
export async function listSuppressions(
  { query, tables }: Database,
  filter: Parameters<SuppressionStore["listSuppressions"]>[0],
  page: PageRequest,
): Promise<Page<Suppression>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `kept.company_id = ${value}`)
    .add(filter.environment, (value) => `scope.environment = ${value}`)
    .add(filter.customer, (value) => `kept.customer_hash = ${value}`)
    .addAll(
      decodeCursor("suppressions", 3, page),
      (environment, tenantId, hash) => `(scope.environment::text, length(scope.tenant_id), scope.tenant_id,
        kept.customer_hash) > (${environment}, length(${tenantId}), ${tenantId}, ${hash})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  interface Row extends Omit<Suppression, "scope"> {
    readonly environment: Suppression["scope"]["environment"];
    readonly tenantId: string;
  }
  const { rows } = await query<Row>(
    `SELECT scope.environment::text AS environment, scope.tenant_id AS "tenantId",
      kept.customer_hash AS customer, ${epochMs("max(kept.suppressed_at)")} AS "suppressedAt"
    FROM ${tables.suppressions} kept
    JOIN ${tables.tenant_scopes} scope ON scope.scope_id = kept.scope_id AND scope.company_id = kept.company_id
    ${conditions.where}
    GROUP BY scope.scope_id, scope.environment, scope.tenant_id, kept.customer_hash
    ORDER BY scope.environment::text, length(scope.tenant_id), scope.tenant_id, kept.customer_hash
    LIMIT ${limit}`,
    conditions.values,
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
  { query, tables }: Database,
  { companyId, environment, customer }: Parameters<SuppressionStore["liftSuppressions"]>[0],
): Promise<number> {
  const { rows } = await query<{ tenants: number }>(
    `WITH lifted AS (
      DELETE FROM ${tables.suppressions} kept USING ${tables.tenant_scopes} scope
      WHERE kept.company_id = $1 AND scope.scope_id = kept.scope_id AND scope.company_id = kept.company_id
        AND ($2::text IS NULL OR scope.environment = $2) AND ($3::text IS NULL OR kept.customer_hash = $3)
      RETURNING kept.scope_id, kept.customer_hash
    )
    SELECT count(DISTINCT (scope_id, customer_hash))::float8 AS tenants FROM lifted`,
    [companyId, environment ?? null, customer ?? null],
  );
  return rows[0]?.tenants ?? 0;
}

export async function forgetSuppressions(database: Database, companyId: string): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    await transaction.query(`DELETE FROM ${tables.suppressions} WHERE company_id = $1`, [companyId]);
    await transaction.query(`DELETE FROM ${tables.suppression_secrets} WHERE company_id = $1`, [companyId]);
  });
}
