import type { DatabaseSync } from "node:sqlite";

const largest = "9223372036854775807";

/** At least one row in every table, with what is easily lost: large ids, nulls, removed rows, deleted last ids. */
export function fillSource(database: DatabaseSync): void {
  database.exec(`
    PRAGMA foreign_keys = ON;
    INSERT INTO tenant_scopes (scope_id, company_id, environment, tenant_id) VALUES
      (3, 'acme', 'production', '1001'), (5, 'beta', 'integration', '42');
    INSERT INTO companies VALUES ('acme', '{"trade":"HVAC","timeZone":"UTC"}', 1796000000123);
    INSERT INTO credentials (credential_id, company_id, environment, tenant_id, version, client_id, client_secret, app_key,
      access_token, token_issued_at, token_expires_at, status, last_sync_at, created_at, updated_at) VALUES
      ('c-1', 'acme', 'production', '1001', 4, 'e1', 'e2', 'e3', 'e4', 1796000000001, 1796000900001, 'connected',
        1796000000999, 1795000000000, 1796000000000),
      ('c-2', 'beta', 'integration', '42', 1, 'e1', 'e2', 'e3', NULL, NULL, NULL, 'error', NULL, 1795000000000, 1795000000000);
    INSERT INTO schedules VALUES
      ('c-1', 'acme', '0 2 * * *', NULL, 'America/Chicago', '22:00-05:00', '["2026-12-25"]', 'both', '7d', 1, 1796100000000,
        1796100660123, 1796090000000, 1796100900000, 'r-9', 1796080000000, 7, 1795000000000, 1796000000000),
      ('c-2', 'beta', NULL, '15m', 'UTC', NULL, '[]', 'invoices', NULL, 0, NULL, NULL, 1796000000000, NULL, NULL, NULL, 1,
        1795000000000, 1796000000000);
    INSERT INTO schedule_starts VALUES
      ('c-1', 'acme', 1796000000000, 1796000000000, 1, 'queued', NULL, 1796000660123, 'r-1', 1796000000500);
    INSERT INTO scheduler VALUES (1, 1796000000700, 1796000000100, 1796000000600);
    INSERT INTO credential_states VALUES ('c-1', '1001', '{"failures":1}', 1796000000000, 1796000000100,
      1796000000200, 'moving offices', 'ada', 1796000000300, 1796000000400, 1796000000900, 1796000001000);
    INSERT INTO runs (run_number, run_id, credential_id, scope_id, company_id, type, data, request, status, started_at,
      updated_at, completed_at, duration_ms, rows_read, records_derived, records_rejected, idle, warnings, error) VALUES
      (7, 'r-1', 'c-1', 3, 'acme', 'manual', 'both', '{"mode":"full","data":"both"}', 'failed', 1796000000000, 1796000005000,
        1796000005000, 5000, 12, 3, 1, 0, '[]', '{"code":"SINK","message":"x","hint":null}'),
      (8, 'r-2', 'c-1', 3, 'acme', 'scheduled', 'customers', '{"data":"customers"}', 'paused', 1796000006000, 1796000007000,
        NULL, NULL, NULL, NULL, NULL, 0, '[{"code":"A"}]', NULL),
      (40, 'r-3', 'gone', 5, 'beta', 'manual', 'both', '{}', 'cancelled', 1, 2, 3, 2, 0, 0, 0, 1, '[]', NULL);
    DELETE FROM runs WHERE run_number = 40;
    INSERT INTO accepted_runs VALUES ('r-0', 'r-1', 1796000000000), ('r-00', 'r-0', 1796000000001);
    INSERT INTO run_feeds VALUES (7, 'customers', 2, 12, 5, 3, 2, 1, 1, 1796000004000);
    INSERT INTO run_records VALUES (7, 'member', 3, 1, 0, 1, 0, 1, 0, 1796000004500, '{"EMPTY":2}'), (7, 'invoice', 0, 0, 0, 0, 0, 0, 0, 1796000004600, NULL);
    INSERT INTO run_places VALUES (8, 'enlist', '{"after":"9"}');
    INSERT INTO seen_entities VALUES (8, 'customers', 1), (8, 'customers', ${largest});
    INSERT INTO cursors VALUES (3, 'customers', '{"token":"abc"}', 1796000001000);
    INSERT INTO entities (scope_id, feed, entity_id, removed, source, modified_on, content_hash, used_hash, links, landed_at,
      payload_bytes, payload) VALUES
      (3, 'customers', ${largest}, 0, 'export', '2026-05-01T00:00:00.1234567', 'h1', 'u1', '{}', 1796000001001, 20,
        '{"id":1,"name":"Ü \\u0000"}'),
      (3, 'customers', 0, 1, 'list', NULL, 'h2', 'u2', '{}', 1796000001002, 2, '{}'),
      (3, 'invoices', 1, 0, 'export', NULL, 'h3', 'u3', '{"customer":"${largest}","job":"6"}', 1796000001003, 8, '{"id":1}'),
      (5, 'invoices', 2, 0, 'export', NULL, 'h4', 'u4', '{"location":"7"}', 1796000001004, 8, '{"id":2}');
    INSERT INTO work_items VALUES (3, 'member', 'customers', ${largest}, 8999, NULL, NULL), (3, 'invoice', 'jobs', 6, 9000, 500, 1);
    INSERT INTO delivered_records (scope_id, record_type, entity_id, revision, removed, content_hash, delivered_at, record) VALUES
      (3, 'member', ${largest}, 1796000000000001, 0, 'h', 1796000002000, '{"tenant":"acme"}'),
      (3, 'invoice', 9, 1796000000000002, 1, NULL, 1796000002001, NULL);
    INSERT INTO rejections VALUES (12, 3, 'acme', 'c-1', 'r-1', 'customers', 'not a number', 'structure', '["id"]', 'no id',
      1796000000000, 1796000000001, 3, 77, '{"id":null}');
    INSERT INTO stored_batches VALUES (29, 3, 'b-1', 'member', 1796000000000, '{"items":[]}'), (30, 3, 'b-2', 'member', 1, '{}');
    DELETE FROM stored_batches WHERE batch_number = 30;
    INSERT INTO suppression_secrets VALUES ('acme', 'encrypted', 1796000000000);
    INSERT INTO suppressions VALUES (3, 'customer', 'row', 1796000000000);
    INSERT INTO audit VALUES (5, 1796000000000, 'acme', 'system', 'sync:start', 'c-1', 'success', NULL, '{"a":1}');
    INSERT INTO alert_incidents VALUES ('i-1', 'failing', 'NETWORK', 'critical', 1796000000000, 1796000000003, 1796000000002, 1,
      1796000000001, 'ada', '["acme"]');
    INSERT INTO alerts VALUES ('failing', 'c-1', 'acme', 'recovered', 'critical', 'NETWORK', 1796000000000, 1796000000001,
      1796000000002, 1796000000003, 'i-1', 2, '{"failures":3}'),
      ('no-worker', 'workers', NULL, 'pending', 'critical', '', 1796000000000, 1796000000001, NULL, NULL, NULL, 0, '{}');
    INSERT INTO alert_silences VALUES ('s-1', 'late', NULL, 1796000000009, 'moving offices', 'ada', 1796000000000);
    INSERT INTO alert_messages VALUES ('m-1', 'mail', 'i-1', '{"title":"Ü"}', 1796000000000, 1796000000001, 2, 'claim', 1796000000002,
      NULL, NULL, 'NETWORK'), ('m-1', 'webhook', 'i-1', '{}', 1796000000000, 1796000000001, 0, NULL, NULL, 1796000000005, NULL, NULL);
    INSERT INTO members_stream (id, tenant, software, customer_name, hub_plus_import_id, version, created_at, processed,
      environment, source_tenant, source_id, revision) VALUES
      (4, 'acme', 'ServiceTitan', 'Ü', 7, 'v', '2026-05-01T10:20:30.123Z', 1, 'production', '1001', '1', 1796000000000001);
    INSERT INTO invoices_stream (id, tenant, software, total, created_at, processed, environment, source_tenant, source_id,
      revision) VALUES
      (6, 'acme', 'ServiceTitan', '12345678901234567890.10', '2026-05-01T10:20:30.123Z', 0, 'production', '1001', '9', 5);
    INSERT INTO stream_removals VALUES ('invoice', 'acme', 'production', '1001', '9', 1796000000000002, 1796000002001);
    INSERT INTO stream_batches VALUES ('acme', 'b-0', '[{"key":"1"}]', 1796000000000), ('acme', 'b-9', NULL, 1796000000000);
    INSERT INTO leases VALUES ('c-1', 8, 500, 30000, 1, 0, 'somebody');
    UPDATE series SET last = CASE name WHEN 'fence' THEN 500 WHEN 'sequence' THEN 9000 ELSE 77 END;
  `);
}

/** So many rows that some tables take several steps, by keys of one column and of several. */
export function addMany(database: DatabaseSync): void {
  const numbers = (last: number): string =>
    `WITH RECURSIVE number (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM number WHERE n < ${last})`;
  database.exec(`
    ${numbers(5000)}
    INSERT INTO entities (scope_id, feed, entity_id, removed, source, content_hash, used_hash, links, landed_at,
      payload_bytes, payload)
      SELECT 5, 'jobs', n, 0, 'export', 'h' || n, 'u', '{}', n, 2, '{}' FROM number;
    ${numbers(2600)} INSERT INTO work_items SELECT 5, 'invoice', 'jobs', n, n, NULL, NULL FROM number;
    ${numbers(150)} INSERT INTO stored_batches SELECT n, 5, 'many-' || n, 'invoice', n, '{}' FROM number;
  `);
}
