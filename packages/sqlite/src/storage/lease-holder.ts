import type { RunLease, TenantScope } from "@titan-sync/core";
import { leaseLost } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";

/** Who writes, as rows name it. */
export interface LeaseHolder {
  readonly runNumber: number;
  readonly scopeId: number;
  readonly companyId: string;
  readonly leaseMs: number;
}

/**
 * Requires the lease. It changes hands only in a transaction, and this one has the file to itself: it is kept until the
 * transaction ends.
 *
 * @throws `LeaseLostError` unless the fence is the latest, has not expired, and is of a run of this tenant.
 */
export function requireLease(
  statements: Statements,
  lease: RunLease,
  scope: TenantScope,
  now: number,
): LeaseHolder {
  const holder = statements.get<LeaseHolder>(
    `SELECT run.run_number AS runNumber, run.scope_id AS scopeId, run.company_id AS companyId,
      lease.lease_ms AS leaseMs
    FROM leases lease
    JOIN runs run ON run.run_number = lease.run_number
    JOIN tenant_scopes scope ON scope.scope_id = run.scope_id
    WHERE lease.credential_id = ?1 AND lease.fence = ?2 AND lease.expires_at > ?3 AND run.run_id = ?4
      AND scope.company_id = ?5 AND scope.environment = ?6 AND scope.tenant_id = ?7`,
    lease.credentialId,
    lease.fence,
    now,
    lease.runId,
    scope.companyId,
    scope.environment,
    scope.tenantId,
  );
  return holder ?? lost(lease);
}

/** @throws `LeaseLostError` always. */
export function lost({ runId }: RunLease): never {
  throw leaseLost(runId);
}
