import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { holdScope } from "./scope.js";

/** Adds a run that was cancelled before it began, unless one has its id or its credential is gone. */
export async function recordCancelledRun(
  database: Database,
  { runId, credentialId, scope, type, request }: Parameters<Storage["recordCancelledRun"]>[0],
): Promise<boolean> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    // It is not removed meanwhile.
    const held = await transaction.query(
      `SELECT FROM ${tables.credentials}
      WHERE credential_id = $1 AND company_id = $2 AND environment = $3 AND tenant_id = $4 AND NOT removing
      FOR KEY SHARE`,
      [credentialId, scope.companyId, scope.environment, scope.tenantId],
    );
    if (held.rowCount === 0) return false;
    const scopeId = await holdScope(transaction, tables, scope);
    const { rowCount } = await transaction.query(
      `INSERT INTO ${tables.runs} (run_id, credential_id, scope_id, company_id, type, data, request, status,
        started_at, updated_at, completed_at, duration_ms, rows_read, records_derived, records_rejected)
      SELECT $1, $2, $3::int, $4, $5, $6, $7::jsonb, 'cancelled', now, now, now, 0, 0, 0, 0
      FROM clock_timestamp() now ON CONFLICT (run_id) DO NOTHING`,
      [runId, credentialId, scopeId, scope.companyId, type, request.data, JSON.stringify(request)],
    );
    return rowCount > 0;
  });
}
