import type { Pool } from "pg";

/**
 * Fills the history: a tenth of the runs belongs to the credential, with the figures of its records; the others belong
 * to other companies.
 */
export async function insertRuns(pool: Pool, credentialId: string, count: number): Promise<void> {
  await pool.query(`INSERT INTO titan_sync.tenant_scopes (company_id, environment, tenant_id)
    SELECT CASE WHEN n = 0 THEN 'acme' ELSE 'company-' || n END, 'production', '1001'
    FROM generate_series(0, 99) n ON CONFLICT DO NOTHING`);
  await pool.query(
    `INSERT INTO titan_sync.runs (run_id, credential_id, scope_id, company_id, type, data, request, status,
      started_at, updated_at, completed_at, duration_ms, rows_read, records_derived, records_rejected)
    SELECT 'run-' || n, CASE WHEN n % 10 = 0 THEN $1 ELSE 'credential-' || n % 1000 END,
      scope.scope_id, scope.company_id, CASE WHEN n % 7 = 0 THEN 'manual' ELSE 'scheduled' END, 'both',
      '{"data":"both","mode":"incremental","fresh":false,"rederive":false,"range":null,"allowRemovals":false}',
      CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END,
      started_at, started_at + interval '20 seconds', started_at + interval '20 seconds', 20000, n % 5000, 2 * (n % 5000),
      n % 5000 / 50
    FROM generate_series(1, $2::int) n
    CROSS JOIN LATERAL (SELECT now() - n * interval '30 seconds' AS started_at) time
    JOIN titan_sync.tenant_scopes scope
      ON scope.company_id = CASE WHEN n % 10 = 0 THEN 'acme' ELSE 'company-' || 1 + n % 99 END`,
    [credentialId, count],
  );
  await pool.query(
    `INSERT INTO titan_sync.run_records
      (run_number, company_id, record, derived, delivered, removed, unchanged, left_out, rejected, warned)
    SELECT run_number, company_id, record, rows_read, rows_read, 0, 0, 0, rows_read / 100, 0
    FROM titan_sync.runs CROSS JOIN (VALUES ('member'), ('invoice')) records (record)
    WHERE credential_id = $1 AND completed_at IS NOT NULL`,
    [credentialId],
  );
  await pool.query("VACUUM ANALYZE titan_sync.runs, titan_sync.run_records");
}
