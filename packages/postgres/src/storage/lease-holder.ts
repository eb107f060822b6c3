import type { RunLease, TenantScope } from "@titan-sync/core";
import { leaseLost } from "@titan-sync/core/support";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { lowerIdleLimit } from "../database/time-limits.js";
import { asNumber } from "../database/values.js";
import { scopeValues } from "./scope.js";

/** Who writes, as rows name it. */
export interface LeaseHolder {
  readonly runNumber: number;
  readonly scopeId: number;
  readonly companyId: string;
}

/** The columns of an {@link LeaseHolder}, for a query that has a `run`. */
export const ownerColumns = `${asNumber("run.run_number")} AS "runNumber", run.scope_id AS "scopeId",
  run.company_id AS "companyId"`;

/**
 * Requires the lease until the transaction ends: a takeover waits for it, a heartbeat does not. The server
 * ends a transaction that idles longer than the lease lasts, so that nobody waits for an owner that has stopped.
 *
 * @throws `LeaseLostError` unless the fence is the latest, has not expired, and is of a run of this tenant.
 */
export async function lockLease(
  transaction: SqlTransaction,
  tables: Tables,
  lease: RunLease,
  scope: TenantScope,
): Promise<LeaseHolder> {
  const { rows } = await transaction.query<LeaseHolder>(
    `SELECT ${ownerColumns}, ${lowerIdleLimit("lease.lease_ms")}
    FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.run_number = lease.run_number AND run.company_id = lease.company_id
    JOIN ${tables.tenant_scopes} scope ON scope.scope_id = run.scope_id
    WHERE scope.company_id = $1 AND scope.environment = $2 AND scope.tenant_id = $3
      AND lease.company_id = $1 AND lease.credential_id = $4 AND run.run_id = $5 AND lease.fence = $6
      AND lease.expires_at > clock_timestamp()
    FOR KEY SHARE OF lease`,
    [...scopeValues(scope), lease.credentialId, lease.runId, lease.fence],
  );
  return rows[0] ?? lost(lease);
}

/** @throws `LeaseLostError` always. */
export function lost({ runId }: RunLease): never {
  throw leaseLost(runId);
}
