-- What was found in the records of a run, counted by name: which rules warned, which columns were empty.
ALTER TABLE :SCHEMA.run_records ADD COLUMN counts jsonb;
