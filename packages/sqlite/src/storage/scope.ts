import { StorageError, type TenantScope } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** The number of a tenant; `null` for one that nothing was ever kept of. */
export function findScopeId(
  statements: Statements,
  { companyId, environment, tenantId }: TenantScope,
): number | null {
  const row = statements.get<{ scopeId: number }>(
    "SELECT scope_id AS scopeId FROM tenant_scopes WHERE company_id = ?1 AND environment = ?2 AND tenant_id = ?3",
    companyId,
    environment,
    tenantId,
  );
  return row?.scopeId ?? null;
}

/** The number of a tenant, a new one for a new tenant. */
export function ensureScopeId(statements: Statements, scope: TenantScope): number {
  const known = findScopeId(statements, scope);
  if (known !== null) return known;
  const { companyId, environment, tenantId } = scope;
  statements.run(
    "INSERT INTO tenant_scopes (company_id, environment, tenant_id) VALUES (?1, ?2, ?3)",
    companyId,
    environment,
    tenantId,
  );
  const created = findScopeId(statements, scope);
  if (created === null) throw new StorageError("A new tenant was not kept.");
  return created;
}
