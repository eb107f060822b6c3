import type { TenantScope } from "@titan-sync/core";
import type { Tables } from "../database/tables.js";

/** The first three values of a look-up within one tenant. */
export function scopeValues({ companyId, environment, tenantId }: TenantScope): string[] {
  return [companyId, environment, tenantId];
}

/** The condition that a row is of the tenant that `$1`, `$2` and `$3` name. */
export function isInScope(tables: Tables, alias: string): string {
  return `${alias}.company_id = $1 AND ${alias}.scope_id = (
    SELECT scope_id FROM ${tables.tenant_scopes} WHERE company_id = $1 AND environment = $2 AND tenant_id = $3
  )`;
}
