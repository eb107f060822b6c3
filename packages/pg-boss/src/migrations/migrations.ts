import type { Migration } from "@titan-sync/core/support";

/** Our tables beside those of pg-boss. The text names the storage's schema `:STORAGE`. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "init",
    worksWithPrevious: false,
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
  -- What it counts as now, if it is the one of its credential that may be claimed next. Claims keep this.
  ready_rank integer CHECK (ready_rank BETWEEN 0 AND 2),
  -- When that has to be decided again for its credential: 0 for now, null if nothing that only time brings changes it.
  look_at bigint DEFAULT 0,
  CHECK ((claim_id IS NULL) = (claim_ends_at IS NULL))
);
CREATE UNIQUE INDEX sync_jobs_by_run ON :SCHEMA.sync_jobs (run_id) WHERE credential_id IS NOT NULL;
CREATE INDEX sync_jobs_by_credential ON :SCHEMA.sync_jobs (credential_id);
CREATE INDEX sync_jobs_to_look_at ON :SCHEMA.sync_jobs (look_at) WHERE look_at IS NOT NULL AND credential_id IS NOT NULL;
CREATE INDEX sync_jobs_ready ON :SCHEMA.sync_jobs (company_id, ready_rank, place)
WHERE ready_rank IS NOT NULL AND credential_id IS NOT NULL;
CREATE INDEX sync_jobs_begun ON :SCHEMA.sync_jobs (credential_id, begun DESC) WHERE begun IS NOT NULL;

-- Which claim was a company's last among the jobs of a priority; 0 for none. Only claims write here.
CREATE TABLE :SCHEMA.sync_turns (
  company_id text NOT NULL,
  rank integer NOT NULL,
  last_turn bigint NOT NULL,
  -- The place of its first job that counts as this priority and may be claimed; null if there is none. It may name one
  -- that no longer may: whoever comes upon it mends it.
  first_place bigint,
  PRIMARY KEY (company_id, rank)
);
CREATE INDEX sync_turns_next ON :SCHEMA.sync_turns (rank, last_turn, first_place) WHERE first_place IS NOT NULL;

CREATE SEQUENCE :SCHEMA.sync_job_numbers AS integer CYCLE;
CREATE SEQUENCE :SCHEMA.sync_places;
`,
    down: `
DROP TABLE :SCHEMA.sync_jobs, :SCHEMA.sync_turns;
DROP SEQUENCE :SCHEMA.sync_job_numbers, :SCHEMA.sync_places;
`,
  },
];
