import type { Pool } from "pg";

export interface Sizes {
  readonly runs: number;
  readonly entities: number;
  /** Companies, each with one credential and one tenant. */
  readonly companies: number;
}

/** Names of what {@link fillDatabase} makes for the company of this number, from 1. */
export const namesOf = (company: number) => ({
  companyId: `company-${company}`,
  credentialId: `credential-${company}`,
  scope: { companyId: `company-${company}`, environment: "production", tenantId: String(100_000 + company) },
  /** Of the company's newest run. */
  runId: `run-${company}`,
});

/** Fills every table that grows, evenly over the companies, as a year of syncs would. */
export async function fillDatabase(pool: Pool, { runs, entities, companies }: Sizes): Promise<void> {
  const client = await pool.connect();
  try {
    // What is made here refers to what is there: checking each row would take longer than making it.
    await client.query("SET session_replication_role = replica; SET search_path = titan_sync");
    const fill = (statement: string, ...values: readonly number[]): Promise<unknown> =>
      client.query(statement, [...values]);
    await fill(
      `INSERT INTO tenant_scopes (company_id, environment, tenant_id)
      SELECT 'company-' || n, 'production', (100000 + n)::text FROM generate_series(1, $1::int) n`,
      companies,
    );
    await fill(
      `INSERT INTO companies (company_id, details)
      SELECT 'company-' || n, '{}' FROM generate_series(1, $1::int) n`,
      companies,
    );
    await fill(
      `INSERT INTO credentials (credential_id, company_id, environment, tenant_id, client_id, client_secret,
        app_key, access_token, token_issued_at, token_expires_at, status)
      SELECT 'credential-' || n, 'company-' || n, 'production', (100000 + n)::text, 'c', 's', 'a', 't', now(),
        now() + n * interval '1 minute', (ARRAY['connected', 'connected', 'pending', 'error'])[n % 4 + 1]
      FROM generate_series(1, $1::int) n`,
      companies,
    );
    await fill(
      `INSERT INTO runs (run_id, credential_id, scope_id, company_id, type, data, request, status, started_at,
        updated_at, completed_at, duration_ms, rows_read)
      SELECT 'run-' || n, 'credential-' || c, scope_id, 'company-' || c,
        (ARRAY['manual', 'scheduled'])[n % 2 + 1], (ARRAY['both', 'customers', 'invoices'])[n % 3 + 1], '{}',
        (ARRAY['failed', 'partial', 'cancelled'] || array_fill('completed'::text, ARRAY[47]))[(n / $2) % 50 + 1],
        at, at, at + interval '30 seconds', 30000, 1000
      FROM generate_series(1, $1::int) n
      CROSS JOIN LATERAL (SELECT (n - 1) % $2::int + 1 AS c, now() - n * interval '1 year' / $1::int AS at) made
      JOIN tenant_scopes ON company_id = 'company-' || c`,
      runs,
      companies,
    );
    await fill(
      `INSERT INTO run_feeds (run_number, company_id, feed, pages, read, landed, unchanged, superseded, suppressed, rejected)
      SELECT run_number, company_id, 'customers', 1, 1000, 1000, 0, 0, 0, 0 FROM runs`,
    );
    await fill(
      `INSERT INTO run_records
        (run_number, company_id, record, derived, delivered, removed, unchanged, left_out, rejected, warned)
      SELECT run_number, company_id, 'member', 1000, 1000, 0, 0, 0, 0, 0 FROM runs`,
    );
    await fill(
      `INSERT INTO leases (credential_id, company_id, run_number, lease_ms, expires_at)
      SELECT credential_id, company_id, max(run_number), 30000, '-infinity' FROM runs GROUP BY 1, 2`,
    );
    await fill(
      `INSERT INTO credential_states (credential_id, company_id, tenant_id, runs_state, fresh_as_of)
      SELECT credential_id, company_id, tenant_id, '{"data":{}}', now() FROM credentials`,
    );
    await fill(
      `INSERT INTO accepted_runs (accepted_id, run_id, recorded_at)
      SELECT 'accepted-' || run_id, run_id, started_at FROM runs WHERE run_number % 4 = 0`,
    );
    await fill(
      `INSERT INTO schedules (credential_id, company_id, every, time_zone, quiet_days, data, enabled, next_nominal_at,
        next_run_at, decided_until)
      SELECT credential_id, company_id, '15m', 'UTC', '[]', 'both', true, now() + n * interval '1 hour',
        now() + n * interval '1 hour', now()
      FROM credentials, LATERAL (SELECT substr(credential_id, 12)::int AS n) numbered`,
    );
    await fill(
      `INSERT INTO schedule_starts (credential_id, company_id, nominal_at, last_nominal_at, starts, outcome, run_at,
        decided_at)
      SELECT credential_id, company_id, at, at, 1, 'queued', at, at
      FROM credentials, LATERAL (SELECT now() - n * interval '15 minutes' AS at FROM generate_series(1, 50) n) made`,
    );
    await fill(
      `INSERT INTO cursors (scope_id, company_id, feed, cursor)
      SELECT scope_id, company_id, feed, '{}' FROM tenant_scopes,
        unnest(ARRAY['customers', 'invoices', 'customer-contacts', 'jobs']) feed`,
    );
    await fill(
      `INSERT INTO feed_links (feed, name, position)
      VALUES ('customers', 'mergedInto', 0), ('customer-contacts', 'customer', 0), ('jobs', 'firstAppointment', 0),
        ('jobs', 'customer', 1), ('invoices', 'customer', 0), ('invoices', 'location', 1), ('invoices', 'job', 2)`,
    );
    await fill(
      `INSERT INTO entities (scope_id, company_id, feed, entity_id, link_0, link_1, link_2, source, modified_on,
        content_hash, used_hash, payload)
      SELECT scope_id, company_id, (ARRAY['customers', 'invoices', 'customer-contacts', 'jobs'])[n % 4 + 1], n,
        CASE WHEN n % 4 > 0 THEN n / 4 * 4 END, CASE WHEN n % 4 = 1 THEN n + 2 END,
        CASE WHEN n % 4 = 1 THEN n + 1 END, 'export', '2026-01-01T00:00:00.0000000Z', md5(n::text), md5(n::text), '{}'
      FROM generate_series(1, $1::int) n
      JOIN tenant_scopes ON scope_id = (n / 4) % $2::int + 1`,
      entities,
      companies,
    );
    await fill(
      `INSERT INTO delivered_records (scope_id, company_id, record_type, entity_id, revision, removed, content_hash,
        record)
      SELECT scope_id, company_id, CASE feed WHEN 'customers' THEN 'member' ELSE 'invoice' END, entity_id, 1,
        false, 'h', '{}'
      FROM entities WHERE feed IN ('customers', 'invoices')`,
    );
    await fill(
      `INSERT INTO work_items (scope_id, company_id, record, feed, entity_id)
      SELECT scope_id, company_id, 'invoice', feed, entity_id FROM entities WHERE entity_id % 5 = 0`,
    );
    await fill(
      `INSERT INTO rejections (scope_id, company_id, credential_id, run_id, feed, entity_id, stage, rules, message)
      SELECT scope_id, company_id, 'credential-' || substr(company_id, 9), 'run', feed, entity_id::text, 'record',
        '["address"]', 'zip is missing'
      FROM entities WHERE entity_id % 10 = 0`,
    );
    await fill(
      `INSERT INTO audit (company_id, actor, action, subject, outcome, details, at)
      SELECT company_id, 'system', 'sync:start', run_id, 'success', '{}', started_at FROM runs`,
    );
    // A place is forgotten when its run ends; here every tenth was kept.
    await fill(
      `INSERT INTO run_places (run_number, company_id, work, place)
      SELECT run_number, company_id, 'list customers', '{}' FROM runs WHERE run_number % 10 = 0`,
    );
    await fill(
      `INSERT INTO seen_entities (run_number, company_id, feed, entity_id)
      SELECT run_number, company_id, 'customers', n FROM leases, generate_series(1, 20) n`,
    );
    await fill(
      `INSERT INTO stored_batches (scope_id, company_id, batch_id, record, content)
      SELECT scope_id, company_id, 'batch-' || scope_id || '-' || n, 'member', '{}'
      FROM tenant_scopes, generate_series(1, 10) n`,
    );
    await client.query("RESET session_replication_role; ANALYZE");
  } finally {
    client.release(true);
  }
}
