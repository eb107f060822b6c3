import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { ensureScopeId } from "./scope.js";

/** Adds a run that was cancelled before it began, unless one has its id or its credential is gone. */
export async function recordCancelledRun(
  database: Database,
  { runId, credentialId, scope, type, request }: Parameters<Storage["recordCancelledRun"]>[0],
): Promise<boolean> {
  return await database.transaction((transaction) => {
    const held = transaction.get(
      `SELECT 1 FROM credentials
      WHERE credential_id = ?1 AND company_id = ?2 AND environment = ?3 AND tenant_id = ?4 AND removing = 0`,
      credentialId,
      scope.companyId,
      scope.environment,
      scope.tenantId,
    );
    if (held === undefined) return false;
    const added = transaction.run(
      `INSERT INTO runs (run_id, credential_id, scope_id, company_id, type, data, request, status,
        started_at, updated_at, completed_at, duration_ms, rows_read, records_derived, records_rejected)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'cancelled', ?8, ?8, ?8, 0, 0, 0, 0) ON CONFLICT (run_id) DO NOTHING`,
      runId,
      credentialId,
      ensureScopeId(transaction, scope),
      scope.companyId,
      type,
      request.data,
      JSON.stringify(request),
      database.now(),
    );
    return added > 0;
  });
}
