/** ServiceTitan's two worlds. Client id and secret belong to one of them. */
export type Environment = "integration" | "production";

/** Whose data a row is. Every stored row carries all three; every look-up filters by them. */
export interface TenantScope {
  /** The host's key of the company. */
  readonly companyId: string;
  readonly environment: Environment;
  /** ServiceTitan's tenant id: digits. */
  readonly tenantId: string;
}
