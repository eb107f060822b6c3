-- What became of the records of a run, set when it ends as rows_read is: a month of runs is summed up without
-- looking at each one's figures.
ALTER TABLE :SCHEMA.runs ADD COLUMN records_derived bigint, ADD COLUMN records_rejected bigint;
UPDATE :SCHEMA.runs run SET records_derived = figures.derived, records_rejected = figures.rejected
FROM (
  SELECT run_number, sum(derived) AS derived, sum(rejected) AS rejected
  FROM :SCHEMA.run_records GROUP BY run_number
) figures
WHERE run.run_number = figures.run_number AND run.completed_at IS NOT NULL;

-- What the performance of a credential's runs is made of, so that it is read from here alone.
CREATE INDEX runs_measured_by_credential ON :SCHEMA.runs (credential_id, started_at)
  INCLUDE (company_id, status, type, data, duration_ms, rows_read, records_derived, records_rejected)
  WHERE completed_at IS NOT NULL;
