-- When credentials are synced by themselves.
ALTER TABLE :SCHEMA.credentials ADD CONSTRAINT credentials_with_company UNIQUE (credential_id, company_id);

CREATE TABLE :SCHEMA.schedules (
  credential_id text COLLATE "C" PRIMARY KEY,
  company_id text COLLATE "C" NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL,
  data text COLLATE "C" NOT NULL CHECK (data IN ('customers', 'invoices', 'both')),
  quiet_days json NOT NULL,
  enabled boolean NOT NULL,
  next_run_at timestamptz(3),
  revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (credential_id, company_id)
    REFERENCES :SCHEMA.credentials (credential_id, company_id) ON DELETE CASCADE
);
CREATE INDEX schedules_by_company ON :SCHEMA.schedules (company_id, credential_id);
CREATE INDEX schedules_due ON :SCHEMA.schedules (next_run_at, company_id, credential_id) WHERE enabled;
