-- Companies, credentials, runs and everything that a sync stores.
--
-- Texts that keys are made of compare by code point (COLLATE "C"): the same order on every machine, and faster.
-- Times have milliseconds, except for a lease's end. Ids of entities are numbers here: that is their order.

-- Sets of values that several tables use. That of the feeds is open: a new feed needs no migration.
CREATE DOMAIN :SCHEMA.environment AS text COLLATE "C"
  CONSTRAINT environment_is_known CHECK (VALUE IN ('integration', 'production'));
CREATE DOMAIN :SCHEMA.record_type AS text COLLATE "C"
  CONSTRAINT record_type_is_a_name CHECK (VALUE ~ '^[a-z][a-z0-9_]{0,39}$');
CREATE DOMAIN :SCHEMA.feed_name AS text COLLATE "C"
  CONSTRAINT feed_name_is_given CHECK (VALUE <> '');

-- Whose data a row is: (company, environment, tenant), as one small number. A row that has it carries its
-- company as well, and a foreign key keeps the two together.
CREATE TABLE :SCHEMA.tenant_scopes (
  scope_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  company_id text COLLATE "C" NOT NULL,
  environment :SCHEMA.environment NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  UNIQUE (company_id, environment, tenant_id),
  UNIQUE (scope_id, company_id)
);

CREATE TABLE :SCHEMA.companies (
  company_id text COLLATE "C" PRIMARY KEY,
  details json NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE :SCHEMA.credentials (
  credential_id text COLLATE "C" PRIMARY KEY,
  company_id text COLLATE "C" NOT NULL,
  environment :SCHEMA.environment NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  -- Encrypted, all four.
  client_id text NOT NULL,
  client_secret text NOT NULL,
  app_key text NOT NULL,
  access_token text,
  token_issued_at timestamptz(3),
  token_expires_at timestamptz(3),
  token_lease_owner text,
  token_lease_expires_at timestamptz,
  status text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'connected', 'error')),
  last_connection_attempt_at timestamptz(3),
  last_sync_at timestamptz(3),
  -- Its tenant's data is being removed, in steps; then the credential itself. No run begins meanwhile.
  removing boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (company_id, environment),
  CONSTRAINT credentials_with_company UNIQUE (credential_id, company_id),
  CHECK (num_nonnulls(access_token, token_issued_at, token_expires_at) IN (0, 3))
);
CREATE INDEX credentials_by_environment ON :SCHEMA.credentials (environment, company_id);
CREATE INDEX credentials_by_status ON :SCHEMA.credentials (status, company_id, environment);
CREATE INDEX credentials_by_token_expiry ON :SCHEMA.credentials (token_expires_at);

-- When credentials are synced automatically.
CREATE TABLE :SCHEMA.schedules (
  credential_id text COLLATE "C" PRIMARY KEY,
  company_id text COLLATE "C" NOT NULL,
  cron text,
  every text,
  time_zone text NOT NULL,
  start_window text,
  quiet_days json NOT NULL,
  data text COLLATE "C" NOT NULL CHECK (data <> ''),
  full_every text,
  enabled boolean NOT NULL,
  -- Without the jitter, and with it.
  next_nominal_at timestamptz(3),
  next_run_at timestamptz(3),
  -- Nominal instants up to here have an outcome in schedule_starts.
  decided_until timestamptz(3) NOT NULL,
  -- One sync that catches up with missed starts.
  catch_up_at timestamptz(3),
  catch_up_run_id text COLLATE "C",
  last_enqueued_at timestamptz(3),
  revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (credential_id, company_id)
    REFERENCES :SCHEMA.credentials (credential_id, company_id) ON DELETE CASCADE,
  CHECK ((cron IS NULL) <> (every IS NULL)),
  CHECK ((next_nominal_at IS NULL) = (next_run_at IS NULL)),
  CHECK ((catch_up_at IS NULL) = (catch_up_run_id IS NULL))
);
CREATE INDEX schedules_by_company ON :SCHEMA.schedules (company_id, credential_id);
CREATE INDEX schedules_due ON :SCHEMA.schedules (least(next_run_at, catch_up_at), credential_id) WHERE enabled;
CREATE INDEX schedules_enqueued ON :SCHEMA.schedules (last_enqueued_at);

-- The start ledger: one outcome for each nominal start, or for several in a row that were skipped or missed for the
-- same reason.
CREATE TABLE :SCHEMA.schedule_starts (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  nominal_at timestamptz(3) NOT NULL,
  last_nominal_at timestamptz(3) NOT NULL,
  starts integer NOT NULL CHECK (starts > 0),
  outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('queued', 'delayed', 'skipped', 'missed')),
  reason text COLLATE "C",
  run_at timestamptz(3) NOT NULL,
  run_id text COLLATE "C",
  decided_at timestamptz(3) NOT NULL,
  PRIMARY KEY (credential_id, nominal_at),
  FOREIGN KEY (credential_id, company_id)
    REFERENCES :SCHEMA.credentials (credential_id, company_id) ON DELETE CASCADE,
  CHECK ((outcome = 'skipped') = (reason IS NOT NULL))
);
CREATE INDEX schedule_starts_by_time ON :SCHEMA.schedule_starts (decided_at);

-- One row: schedulers take turns on it, and it shows when one of them last ran.
CREATE TABLE :SCHEMA.scheduler (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  last_tick_at timestamptz(3),
  outage_from timestamptz(3),
  outage_until timestamptz(3)
);

-- Live workers of all processes.
CREATE TABLE :SCHEMA.workers (
  worker_id text COLLATE "C" PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  name text COLLATE "C" NOT NULL,
  slots integer NOT NULL,
  busy integer NOT NULL,
  closing boolean NOT NULL,
  started_at timestamptz(3) NOT NULL,
  beat_at timestamptz(3) NOT NULL
);

-- One row: who commits a tick of the alerts, or changes what a tick decides by, increases the revision.
CREATE TABLE :SCHEMA.alert_ticks (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  revision integer NOT NULL,
  tick_at timestamptz(3)
);
INSERT INTO :SCHEMA.alert_ticks (revision) VALUES (0);

-- Alerts that are announced together.
CREATE TABLE :SCHEMA.alert_incidents (
  incident_id text COLLATE "C" PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  cause text NOT NULL,
  severity text COLLATE "C" NOT NULL CHECK (severity IN ('warning', 'critical')),
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  last_message_at timestamptz(3) NOT NULL,
  level integer NOT NULL CHECK (level >= 0),
  acknowledged_at timestamptz(3),
  acknowledged_by text,
  company_ids json NOT NULL,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
CREATE INDEX alert_incidents_by_time ON :SCHEMA.alert_incidents (opened_at, incident_id);
CREATE INDEX alert_incidents_open ON :SCHEMA.alert_incidents (opened_at) WHERE closed_at IS NULL;
CREATE INDEX alert_incidents_closed ON :SCHEMA.alert_incidents (closed_at);

-- An alert that is ok has no row. They outlive their credential until the next tick.
CREATE TABLE :SCHEMA.alerts (
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  company_id text COLLATE "C",
  state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'firing', 'recovered')),
  severity text COLLATE "C" NOT NULL CHECK (severity IN ('warning', 'critical')),
  cause text NOT NULL,
  since timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  clear_since timestamptz(3),
  recovered_at timestamptz(3),
  incident_id text COLLATE "C",
  flaps integer NOT NULL CHECK (flaps >= 0),
  figures json NOT NULL,
  PRIMARY KEY (kind, subject),
  CHECK ((state = 'pending') = (incident_id IS NULL)),
  CHECK ((state = 'recovered') = (recovered_at IS NOT NULL))
);

CREATE TABLE :SCHEMA.alert_silences (
  silence_id text COLLATE "C" PRIMARY KEY,
  kind text COLLATE "C",
  company_id text COLLATE "C",
  until timestamptz(3) NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX alert_silences_by_end ON :SCHEMA.alert_silences (until);

-- The outbox: what is to be sent, and what was.
CREATE TABLE :SCHEMA.alert_messages (
  message_key text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C",
  body text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  available_at timestamptz(3) NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  claim_id text COLLATE "C" UNIQUE,
  claimed_until timestamptz(3),
  sent_at timestamptz(3),
  given_up_at timestamptz(3),
  error_code text,
  PRIMARY KEY (message_key, channel),
  CHECK (sent_at IS NULL OR given_up_at IS NULL)
);
CREATE INDEX alert_messages_by_time ON :SCHEMA.alert_messages (created_at, message_key, channel);
CREATE INDEX alert_messages_by_incident ON :SCHEMA.alert_messages (incident_id, created_at, message_key);
CREATE INDEX alert_messages_waiting ON :SCHEMA.alert_messages (created_at, message_key)
  WHERE sent_at IS NULL AND given_up_at IS NULL;

-- The current state of each credential, so that its runs need not be counted.
CREATE TABLE :SCHEMA.credential_states (
  credential_id text COLLATE "C" PRIMARY KEY,
  company_id text COLLATE "C" NOT NULL,
  -- The tenant whose runs left this state: it says nothing about another tenant.
  tenant_id text COLLATE "C" NOT NULL,
  -- The state they left; null before the first run has ended.
  runs_state json,
  -- Copied from the state, for lists and the scheduler.
  fresh_as_of timestamptz(3),
  last_good_started_at timestamptz(3),
  last_full_started_at timestamptz(3),
  -- The pause that a person set, for any tenant; without an end, until somebody resumes the credential.
  pause_reason text,
  paused_by text,
  paused_at timestamptz(3),
  paused_until timestamptz(3),
  -- When somebody last ended a pause.
  last_paused_at timestamptz(3),
  resumed_at timestamptz(3),
  CHECK (num_nonnulls(pause_reason, paused_by, paused_at) IN (0, 3)),
  FOREIGN KEY (credential_id, company_id)
    REFERENCES :SCHEMA.credentials (credential_id, company_id) ON DELETE CASCADE
);

-- The sync log. It outlives its credential.
CREATE TABLE :SCHEMA.runs (
  run_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL UNIQUE,
  credential_id text COLLATE "C" NOT NULL,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL CHECK (type IN ('manual', 'scheduled')),
  data text COLLATE "C" NOT NULL CHECK (data <> ''),
  request jsonb NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (
    status IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled', 'paused')
  ),
  started_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  completed_at timestamptz(3),
  -- These four are set when the run ends: a month of runs is summed up without looking at each one's figures.
  duration_ms bigint,
  rows_read bigint,
  records_derived bigint,
  records_rejected bigint,
  -- It completed without changing anything, and is pruned earlier.
  idle boolean NOT NULL DEFAULT false,
  warnings json NOT NULL DEFAULT '[]',
  error json,
  -- How often one owner handed it over to the next.
  handed_over integer NOT NULL DEFAULT 0,
  -- The process that owned it last.
  worker json,
  UNIQUE (run_number, company_id),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id),
  CHECK ((completed_at IS NULL) = (status IN ('queued', 'running', 'paused'))),
  CHECK (num_nonnulls(completed_at, duration_ms, rows_read) IN (0, 3))
);
-- One run of a credential at a time, whatever goes wrong.
CREATE UNIQUE INDEX runs_current ON :SCHEMA.runs (credential_id)
  WHERE status IN ('queued', 'running', 'paused');
CREATE INDEX runs_newest ON :SCHEMA.runs (started_at DESC, run_number DESC);
CREATE INDEX runs_by_company ON :SCHEMA.runs (company_id, started_at DESC, run_number DESC);
CREATE INDEX runs_by_credential ON :SCHEMA.runs (credential_id, started_at DESC, run_number DESC);
CREATE INDEX runs_by_credential_status ON :SCHEMA.runs (credential_id, status, started_at DESC, run_number DESC);
CREATE INDEX runs_by_company_status ON :SCHEMA.runs (company_id, status, started_at DESC, run_number DESC);
CREATE INDEX runs_by_status ON :SCHEMA.runs (status, started_at DESC, run_number DESC);
CREATE INDEX runs_by_type ON :SCHEMA.runs (type, started_at DESC, run_number DESC);
CREATE INDEX runs_by_data ON :SCHEMA.runs (data, started_at DESC, run_number DESC);
CREATE INDEX runs_by_scope ON :SCHEMA.runs (scope_id, started_at DESC, run_number DESC);
CREATE INDEX runs_by_end ON :SCHEMA.runs (completed_at, run_number);
CREATE INDEX runs_idle ON :SCHEMA.runs (completed_at, run_number) WHERE idle;
-- Everything that the performance of all runs is computed from, so that only the index is read.
CREATE INDEX runs_measured ON :SCHEMA.runs (started_at)
  INCLUDE (status, type, data, duration_ms, rows_read)
  WHERE completed_at IS NOT NULL;
-- The same for one credential.
CREATE INDEX runs_measured_by_credential ON :SCHEMA.runs (credential_id, started_at)
  INCLUDE (company_id, status, type, data, duration_ms, rows_read, records_derived, records_rejected)
  WHERE completed_at IS NOT NULL;

-- For an accepted id under which no run began: the run that fulfills it, which may itself be such an id.
CREATE TABLE :SCHEMA.accepted_runs (
  accepted_id text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK (accepted_id <> run_id)
);
CREATE INDEX accepted_runs_by_run ON :SCHEMA.accepted_runs (run_id);
CREATE INDEX accepted_runs_by_time ON :SCHEMA.accepted_runs (recorded_at);

CREATE TABLE :SCHEMA.run_feeds (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  pages bigint NOT NULL,
  read bigint NOT NULL,
  landed bigint NOT NULL,
  unchanged bigint NOT NULL,
  superseded bigint NOT NULL,
  -- Rows of erased customers, dropped because of the suppression list.
  suppressed bigint NOT NULL,
  rejected bigint NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_number, feed),
  FOREIGN KEY (run_number, company_id) REFERENCES :SCHEMA.runs (run_number, company_id) ON DELETE CASCADE,
  CHECK (read = landed + unchanged + superseded + suppressed + rejected)
);

CREATE TABLE :SCHEMA.run_records (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record :SCHEMA.record_type NOT NULL,
  derived bigint NOT NULL,
  delivered bigint NOT NULL,
  removed bigint NOT NULL,
  unchanged bigint NOT NULL,
  left_out bigint NOT NULL,
  rejected bigint NOT NULL,
  warned bigint NOT NULL,
  -- Findings in the records, by name: which rules warned, which columns were empty.
  counts jsonb,
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_number, record),
  FOREIGN KEY (run_number, company_id) REFERENCES :SCHEMA.runs (run_number, company_id) ON DELETE CASCADE
);

-- Who may write for a credential. Writers lock their row FOR KEY SHARE until they commit, a takeover locks it
-- FOR UPDATE; a heartbeat passes both kinds of waiting as long as the columns it changes are in no unique index.
CREATE TABLE :SCHEMA.leases (
  credential_id text COLLATE "C" PRIMARY KEY REFERENCES :SCHEMA.credentials ON DELETE CASCADE,
  company_id text COLLATE "C" NOT NULL,
  run_number bigint,
  -- From one series for all leases, never restarted: no two owners ever have the same.
  fence bigint GENERATED BY DEFAULT AS IDENTITY,
  lease_ms integer NOT NULL,
  -- The newest migration that the owner's program knows: others are not applied under it unless they work with it.
  program_version integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  renewed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- Who asked the owner to cancel the run. Heartbeats read the row anyway; the request ends with the lease. In no
  -- index, so that it waits for no writer.
  cancel_requested_by text,
  FOREIGN KEY (run_number, company_id) REFERENCES :SCHEMA.runs (run_number, company_id)
);
CREATE INDEX leases_by_run ON :SCHEMA.leases (run_number);

-- How far each feed has been read. Landing locks its row, so that landings of a feed go one by one.
CREATE TABLE :SCHEMA.cursors (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  -- Null until a cursor is saved.
  cursor json,
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, feed),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
);

-- Which of the link columns of its entities keeps which link of a feed. Added to when a link first lands, never changed
-- and never deleted: landed rows are read by it.
CREATE TABLE :SCHEMA.feed_links (
  feed :SCHEMA.feed_name NOT NULL,
  name text COLLATE "C" NOT NULL,
  position integer NOT NULL CHECK (position BETWEEN 0 AND 2),
  PRIMARY KEY (feed, name),
  UNIQUE (feed, position)
);

-- ServiceTitan's rows as they were received.
CREATE TABLE :SCHEMA.entities (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  -- Which link is in which: feed_links.
  link_0 bigint,
  link_1 bigint,
  link_2 bigint,
  -- It no longer exists in ServiceTitan.
  removed boolean NOT NULL DEFAULT false,
  source text COLLATE "C" NOT NULL CHECK (source IN ('export', 'list')),
  modified_on text COLLATE "C",
  content_hash text COLLATE "C" NOT NULL,
  -- A hash of only the fields that records use: other changes affect no record.
  used_hash text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  -- Known without reading the payload, which is stored apart if it is large.
  payload_bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(payload)) STORED,
  landed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, feed, entity_id) INCLUDE (removed),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
);
-- The link comes first: a lookup by id could take an index that begins as the primary key does for as good as
-- that one, as long as a new table has no statistics, and would read all of a feed.
CREATE INDEX entities_by_link_0 ON :SCHEMA.entities (link_0, scope_id, feed, entity_id) WHERE link_0 IS NOT NULL;
CREATE INDEX entities_by_link_1 ON :SCHEMA.entities (link_1, scope_id, feed, entity_id) WHERE link_1 IS NOT NULL;
CREATE INDEX entities_by_link_2 ON :SCHEMA.entities (link_2, scope_id, feed, entity_id) WHERE link_2 IS NOT NULL;

-- Faster than the default and as small; servers built without it keep the default.
DO $$
BEGIN
  ALTER TABLE :SCHEMA.entities ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
  NULL;
END
$$;

-- The work queue: keys whose records must be derived, or that must be replaced by the keys they lead to.
CREATE TABLE :SCHEMA.work_items (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record :SCHEMA.record_type NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  -- A new number of one series whenever the key is enqueued: a key that returns never has one that it had before.
  sequence bigint GENERATED BY DEFAULT AS IDENTITY,
  -- The claim is void under any other fence.
  claimed_fence bigint,
  -- The last entity that was already enqueued in its place.
  expanded_to bigint,
  PRIMARY KEY (scope_id, record, feed, entity_id),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
) WITH (fillfactor = 70);

-- The ids that a run has seen in each feed. Deleted when it ends.
CREATE TABLE :SCHEMA.seen_entities (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  PRIMARY KEY (run_number, feed, entity_id),
  FOREIGN KEY (run_number, company_id) REFERENCES :SCHEMA.runs (run_number, company_id) ON DELETE CASCADE
);

-- How far a run has come in each part of its work. Deleted when it ends.
CREATE TABLE :SCHEMA.run_places (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  work text COLLATE "C" NOT NULL,
  place json NOT NULL,
  PRIMARY KEY (run_number, work),
  FOREIGN KEY (run_number, company_id) REFERENCES :SCHEMA.runs (run_number, company_id) ON DELETE CASCADE
);

-- The last delivered version of each record; of a removed one, only the revision.
CREATE TABLE :SCHEMA.delivered_records (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record_type :SCHEMA.record_type NOT NULL,
  entity_id bigint NOT NULL,
  revision bigint NOT NULL,
  removed boolean NOT NULL,
  content_hash text COLLATE "C",
  record text,
  delivered_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, record_type, entity_id),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id),
  CHECK (removed = (record IS NULL) AND removed = (content_hash IS NULL))
) WITH (fillfactor = 90);
CREATE INDEX delivered_records_current ON :SCHEMA.delivered_records (record_type, scope_id, entity_id)
  WHERE NOT removed;

-- What was not landed or not delivered: one for each entity and stage. Ids are text: a broken row's may be anything.
CREATE TABLE :SCHEMA.rejections (
  rejection_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  credential_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  feed :SCHEMA.feed_name NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  stage text COLLATE "C" NOT NULL CHECK (stage IN ('structure', 'record', 'sink')),
  rules json NOT NULL,
  message text NOT NULL,
  payload text,
  first_seen_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  times_seen integer NOT NULL DEFAULT 1,
  -- Changes whenever the rejection is seen again: the order of the list.
  place bigint GENERATED BY DEFAULT AS IDENTITY,
  UNIQUE (scope_id, feed, entity_id, stage),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
);
CREATE INDEX rejections_newest ON :SCHEMA.rejections (place);
CREATE INDEX rejections_by_company ON :SCHEMA.rejections (company_id, place);
CREATE INDEX rejections_by_credential ON :SCHEMA.rejections (credential_id, place);
-- For retention, which deletes the payloads of rejections that can be derived again.
CREATE INDEX rejections_by_time ON :SCHEMA.rejections (last_seen_at)
  WHERE stage <> 'structure' AND payload IS NOT NULL;

-- Batches that a sink has not acknowledged yet. They outlive their run.
CREATE TABLE :SCHEMA.stored_batches (
  batch_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  batch_id text COLLATE "C" NOT NULL,
  record :SCHEMA.record_type NOT NULL,
  content text NOT NULL,
  stored_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (scope_id, batch_id),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
);

-- The secret with which each company's suppression list is hashed, encrypted.
CREATE TABLE :SCHEMA.suppression_secrets (
  company_id text COLLATE "C" PRIMARY KEY,
  secret text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

-- Erased and suppressed customers: keyed hashes of the customer, and of each row that is known by its own id. It
-- outlives credentials and their data.
CREATE TABLE :SCHEMA.suppressions (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  customer_hash text COLLATE "C" NOT NULL,
  row_hash text COLLATE "C" NOT NULL,
  suppressed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, customer_hash, row_hash),
  FOREIGN KEY (scope_id, company_id) REFERENCES :SCHEMA.tenant_scopes (scope_id, company_id)
);
CREATE INDEX suppressions_by_row ON :SCHEMA.suppressions (scope_id, row_hash);
CREATE INDEX suppressions_by_company ON :SCHEMA.suppressions (company_id, customer_hash);

CREATE TABLE :SCHEMA.audit (
  entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  company_id text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  request_id text,
  details json NOT NULL
);
CREATE INDEX audit_by_company ON :SCHEMA.audit (company_id, entry_id DESC);
CREATE INDEX audit_by_time ON :SCHEMA.audit (at);

-- Append-only: entries never change, and only retention deletes them.
CREATE FUNCTION :SCHEMA.keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('titan_sync.pruning', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON :SCHEMA.audit
  FOR EACH ROW EXECUTE FUNCTION :SCHEMA.keep_audit();

-- Delivered records, in the format that host applications read, for those without tables of their own.
CREATE TABLE :SCHEMA.members_stream (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  trade text,
  software text NOT NULL,
  customer_id text,
  customer_name text,
  customer_first_name text,
  customer_last_name text,
  customer_phone_numbers text,
  customer_phone_number_primary text,
  street text,
  unit text,
  city text,
  state text,
  zip text,
  country text,
  hub_plus_import_id integer,
  active_member text,
  membership_type text,
  current_status text,
  version text,
  created_at timestamptz NOT NULL DEFAULT now(),
  processed boolean NOT NULL DEFAULT false,
  environment :SCHEMA.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  UNIQUE (tenant, environment, source_tenant, source_id)
);
CREATE INDEX members_stream_unprocessed ON :SCHEMA.members_stream (id) WHERE NOT processed;

CREATE TABLE :SCHEMA.invoices_stream (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  trade text,
  software text NOT NULL,
  customer_id text,
  customer_name text,
  customer_first_name text,
  customer_last_name text,
  customer_phone_numbers text,
  customer_phone_number_primary text,
  street text,
  unit text,
  city text,
  state text,
  zip text,
  country text,
  hub_plus_import_id integer,
  invoice_number text,
  invoice_summary text,
  job_number text,
  job_type text,
  zone text,
  total numeric,
  first_appointment text,
  summary text,
  created_at timestamptz NOT NULL DEFAULT now(),
  processed boolean NOT NULL DEFAULT false,
  environment :SCHEMA.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  UNIQUE (tenant, environment, source_tenant, source_id)
);
CREATE INDEX invoices_stream_unprocessed ON :SCHEMA.invoices_stream (id) WHERE NOT processed;

-- The revision at which a record was removed from a stream: a late batch from before must not bring it back.
CREATE TABLE :SCHEMA.stream_removals (
  record :SCHEMA.record_type NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  environment :SCHEMA.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  removed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (record, company_id, environment, source_tenant, source_id)
);

-- Batches that the streams have accepted from a storage in another database.
CREATE TABLE :SCHEMA.stream_batches (
  batch_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  -- The items that were refused, so that a repeated batch gets the same result.
  rejected json,
  written_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (company_id, batch_id)
);
CREATE INDEX stream_batches_by_time ON :SCHEMA.stream_batches (written_at);

-- Who may call next: one row for each tenant and app key, by a digest. Each grant rewrites it.
CREATE TABLE :SCHEMA.rate_limits (
  budget_key text COLLATE "C" PRIMARY KEY,
  -- The first free slot.
  next_slot_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_until timestamptz,
  last_429_at timestamptz,
  -- The calls per second after the last 429, and when the recovery starts.
  lowered_rate integer CHECK (lowered_rate > 0),
  lowered_since timestamptz,
  CHECK ((lowered_rate IS NULL) = (lowered_since IS NULL))
) WITH (fillfactor = 50);

-- That another database is being moved to here, by at most one row: until it is gone, only a part of the data is here.
CREATE TABLE :SCHEMA.unfinished_move (
  -- The other database's, in all attempts.
  source_id text NOT NULL,
  -- Another one after rows were written there: what was copied before is out of date then.
  move_id text COLLATE "C" PRIMARY KEY,
  -- For people.
  source text NOT NULL,
  -- How far the copying has come.
  place jsonb NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
