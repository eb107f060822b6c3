DROP INDEX :SCHEMA.runs_measured_by_credential;
ALTER TABLE :SCHEMA.runs DROP COLUMN records_derived, DROP COLUMN records_rejected;
