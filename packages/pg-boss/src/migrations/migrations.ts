import type { Migration } from "@titan-sync/core/support";

/** Our tables beside those of pg-boss. The text names the storage's schema `:STORAGE`. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "init",
    up: `
-- Of each job of pg-boss that waits or is claimed, what decides when it is claimed.
CREATE TABLE :SCHEMA.sync_jobs (
  -- The job's id in pg-boss.
  job_id uuid PRIMARY KEY,
  -- Its priority in pg-boss, by which that job and no other is fetched.
  job_number integer NOT NULL UNIQUE,
  run_id text NOT NULL,
  -- Null after the credential was removed: the job is gone for everybody, and canceled in pg-boss with the next
  -- maintenance.
  credential_id text REFERENCES :STORAGE.credentials ON DELETE SET NULL,
  company_id text NOT NULL,
  type text NOT NULL,
  request text NOT NULL,
  actor text NOT NULL,
  priority integer NOT NULL CHECK (priority BETWEEN 0 AND 2),
  place bigint NOT NULL,
  begun bigint,
  -- Times by the queue's clock, in milliseconds since 1970.
  queued_at bigint NOT NULL,
  available_at bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  slices integer NOT NULL DEFAULT 0,
  lost_claims integer NOT NULL DEFAULT 0,
  claim_id text UNIQUE,
  worker text,
  claim_ends_at bigint,
  CHECK ((claim_id IS NULL) = (claim_ends_at IS NULL))
);
CREATE UNIQUE INDEX sync_jobs_by_run ON :SCHEMA.sync_jobs (run_id) WHERE credential_id IS NOT NULL;
CREATE INDEX sync_jobs_by_credential ON :SCHEMA.sync_jobs (credential_id);
CREATE INDEX sync_jobs_begun ON :SCHEMA.sync_jobs (credential_id, begun DESC) WHERE begun IS NOT NULL;

-- Which claim was a company's last among the jobs of a priority.
CREATE TABLE :SCHEMA.sync_turns (
  company_id text NOT NULL,
  rank integer NOT NULL,
  last_turn bigint NOT NULL,
  PRIMARY KEY (company_id, rank)
);

CREATE SEQUENCE :SCHEMA.sync_job_numbers AS integer CYCLE;
CREATE SEQUENCE :SCHEMA.sync_places;
`,
    down: `
DROP TABLE :SCHEMA.sync_jobs, :SCHEMA.sync_turns;
DROP SEQUENCE :SCHEMA.sync_job_numbers, :SCHEMA.sync_places;
`,
  },
];

/** Of a database that has all migrations. */
export const latestVersion: number = migrations.at(-1)?.version ?? 0;
