DROP TABLE :SCHEMA.schedules;
ALTER TABLE :SCHEMA.credentials DROP CONSTRAINT credentials_with_company;
