DROP INDEX :SCHEMA.runs_measured_by_credential;
