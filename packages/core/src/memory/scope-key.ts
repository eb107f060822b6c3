import type { TenantScope } from "../ports/tenant.js";

/** A map's key for what belongs to one tenant; the further parts narrow it down. */
export function scopeKey(scope: TenantScope, ...parts: readonly string[]): string {
  // Quoted, so that no two lists of parts produce the same text.
  return JSON.stringify([scope.companyId, scope.environment, scope.tenantId, ...parts]);
}
