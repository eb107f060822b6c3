import type { TenantScope } from "@titan-sync/core";
import { runInProgress } from "@titan-sync/core/support";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { isInScope, scopeValues } from "./scope.js";

/** Whose run is in question: a credential's, or any of a tenant. */
export type RunOf = { readonly credentialId: string } | { readonly scope: TenantScope };

/** @throws `ConflictError` with the run's id while somebody owns such a run. */
export async function requireNoLiveLease(
  transaction: SqlTransaction,
  tables: Tables,
  runOf: RunOf,
): Promise<void> {
  const [condition, values] =
    "scope" in runOf
      ? [isInScope(tables, "run"), scopeValues(runOf.scope)]
      : ["lease.credential_id = $1", [runOf.credentialId]];
  const { rows } = await transaction.query<{ runId: string; leaseEndsInMs: number }>(
    `SELECT run.run_id AS "runId",
      (extract(epoch FROM lease.expires_at - clock_timestamp()) * 1000)::float8 AS "leaseEndsInMs"
    FROM ${tables.leases} lease
    JOIN ${tables.runs} run ON run.run_number = lease.run_number AND run.company_id = lease.company_id
    WHERE ${condition} AND lease.expires_at > clock_timestamp() LIMIT 1`,
    values,
  );
  const [alive] = rows;
  if (alive === undefined) return;
  throw runInProgress(alive.runId, Math.max(0, Math.ceil(alive.leaseEndsInMs)));
}
