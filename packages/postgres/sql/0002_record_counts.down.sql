ALTER TABLE :SCHEMA.run_records DROP COLUMN counts;
