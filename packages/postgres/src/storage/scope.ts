import { StorageError, type TenantScope } from "@titan-sync/core";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";

/** The first three values of a lookup within one tenant. */
export function scopeValues({ companyId, environment, tenantId }: TenantScope): string[] {
  return [companyId, environment, tenantId];
}

/** The condition that a row is of the tenant that `$1`, `$2` and `$3` name. */
export function isInScope(tables: Tables, alias: string): string {
  return `${alias}.company_id = $1 AND ${alias}.scope_id = (
    SELECT scope_id FROM ${tables.tenant_scopes} WHERE company_id = $1 AND environment = $2 AND tenant_id = $3
  )`;
}

/**
 * The number of a tenant, a new one for a new tenant. Nobody can lock the tenant for themselves until the
 * transaction ends; waits for whoever has.
 */
export async function holdScope(
  transaction: SqlTransaction,
  tables: Tables,
  scope: TenantScope,
): Promise<number> {
  const find = async (): Promise<number | undefined> => {
    const { rows } = await transaction.query<{ scopeId: number }>(
      `SELECT scope_id AS "scopeId" FROM ${tables.tenant_scopes}
      WHERE company_id = $1 AND environment = $2 AND tenant_id = $3 FOR KEY SHARE`,
      scopeValues(scope),
    );
    return rows[0]?.scopeId;
  };
  const known = await find();
  if (known !== undefined) return known;
  await transaction.query(
    `INSERT INTO ${tables.tenant_scopes} (company_id, environment, tenant_id) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING`,
    scopeValues(scope),
  );
  const created = await find();
  if (created === undefined) throw new StorageError("A new tenant disappeared.", { retryable: true });
  return created;
}
