/** ServiceTitan's two environments. Each has its own client id and secret. */
export type Environment = "integration" | "production";

/** Whose data a row is. Every stored row carries all three; every lookup filters by them. */
export interface TenantScope {
  /** The host's key for the company. */
  readonly companyId: string;
  readonly environment: Environment;
  /** ServiceTitan's tenant id: digits. */
  readonly tenantId: string;
}

/** Whether both name the same tenant. */
export function isSameScope(left: TenantScope, right: TenantScope): boolean {
  return (
    left.companyId === right.companyId &&
    left.environment === right.environment &&
    left.tenantId === right.tenantId
  );
}
