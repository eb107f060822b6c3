-- What the performance of a credential's runs is made of, so that it is read from here alone.
CREATE INDEX runs_measured_by_credential ON :SCHEMA.runs (credential_id, started_at)
  INCLUDE (company_id, run_number, status, type, data, duration_ms, rows_read)
  WHERE completed_at IS NOT NULL;
