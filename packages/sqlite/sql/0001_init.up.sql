-- Companies, credentials, runs and everything that a sync stores.
--
-- Times are milliseconds since 1970, by the clock of the machine, except for those of the stream tables, which hosts
-- read. Ids of entities are numbers here: that is their order. Booleans are 1 or 0.
--
-- A table with large rows has a row id of its own, so that new rows go to its end; one with small rows is kept in the
-- order of its key.

-- The last numbers of each series. None of them restarts, whatever is deleted.
CREATE TABLE series (
  -- 'fence': no two owners of a lease ever have the same. 'sequence': a key that comes back to the work queue never has
  -- one that it had before. 'place': the order in which rejections were last seen. 'job': the order of jobs, turns and
  -- claims in the job queue.
  name TEXT PRIMARY KEY CHECK (name IN ('fence', 'sequence', 'place', 'job')),
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO series (name, last) VALUES ('fence', 0), ('sequence', 0), ('place', 0), ('job', 0);

-- Whose data a row is: (company, environment, tenant), as one small number.
CREATE TABLE tenant_scopes (
  scope_id INTEGER PRIMARY KEY AUTOINCREMENT,
  company_id TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('integration', 'production')),
  tenant_id TEXT NOT NULL,
  UNIQUE (company_id, environment, tenant_id)
) STRICT;

CREATE TABLE companies (
  company_id TEXT PRIMARY KEY,
  details TEXT NOT NULL CHECK (json_valid(details)),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
  credential_id TEXT PRIMARY KEY,
  company_id TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('integration', 'production')),
  tenant_id TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
  -- Encrypted, all four.
  client_id TEXT NOT NULL,
  client_secret TEXT NOT NULL,
  app_key TEXT NOT NULL,
  access_token TEXT,
  token_issued_at INTEGER,
  token_expires_at INTEGER,
  token_lease_owner TEXT,
  token_lease_expires_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('pending', 'connected', 'error')),
  last_connection_attempt_at INTEGER,
  last_sync_at INTEGER,
  -- Its tenant's data is being removed, in steps; then the credential itself. No run begins meanwhile.
  removing INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (company_id, environment),
  CHECK ((access_token IS NULL) = (token_issued_at IS NULL) AND (access_token IS NULL) = (token_expires_at IS NULL))
) STRICT;

-- When credentials are synced automatically.
CREATE TABLE schedules (
  credential_id TEXT PRIMARY KEY REFERENCES credentials ON DELETE CASCADE,
  company_id TEXT NOT NULL,
  cron TEXT,
  every TEXT,
  time_zone TEXT NOT NULL,
  start_window TEXT,
  quiet_days TEXT NOT NULL CHECK (json_valid(quiet_days)),
  data TEXT NOT NULL CHECK (data <> ''),
  full_every TEXT,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- Without the jitter, and with it.
  next_nominal_at INTEGER,
  next_run_at INTEGER,
  -- Nominal instants up to here have an outcome in schedule_starts.
  decided_until INTEGER NOT NULL,
  -- One sync that catches up with missed starts.
  catch_up_at INTEGER,
  catch_up_run_id TEXT,
  last_enqueued_at INTEGER,
  revision INTEGER NOT NULL DEFAULT 1 CHECK (revision > 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((cron IS NULL) <> (every IS NULL)),
  CHECK ((next_nominal_at IS NULL) = (next_run_at IS NULL)),
  CHECK ((catch_up_at IS NULL) = (catch_up_run_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_by_company ON schedules (company_id, credential_id);
CREATE INDEX schedules_due ON schedules
  (coalesce(min(next_run_at, catch_up_at), next_run_at, catch_up_at), credential_id) WHERE enabled = 1;
CREATE INDEX schedules_enqueued ON schedules (last_enqueued_at);

-- The start ledger: one outcome for each nominal start, or for several in a row that were skipped or missed for the
-- same reason.
CREATE TABLE schedule_starts (
  credential_id TEXT NOT NULL REFERENCES credentials ON DELETE CASCADE,
  company_id TEXT NOT NULL,
  nominal_at INTEGER NOT NULL,
  last_nominal_at INTEGER NOT NULL,
  starts INTEGER NOT NULL CHECK (starts > 0),
  outcome TEXT NOT NULL CHECK (outcome IN ('queued', 'delayed', 'skipped', 'missed')),
  reason TEXT,
  run_at INTEGER NOT NULL,
  run_id TEXT,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (credential_id, nominal_at),
  CHECK ((outcome = 'skipped') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_starts_by_time ON schedule_starts (decided_at);

-- One row: it shows when a scheduler last ran.
CREATE TABLE scheduler (
  singleton INTEGER PRIMARY KEY DEFAULT 1 CHECK (singleton = 1),
  last_tick_at INTEGER,
  outage_from INTEGER,
  outage_until INTEGER
) STRICT;

-- Live workers of all processes.
CREATE TABLE workers (
  worker_id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  version TEXT NOT NULL,
  name TEXT NOT NULL,
  slots INTEGER NOT NULL,
  busy INTEGER NOT NULL,
  closing INTEGER NOT NULL CHECK (closing IN (0, 1)),
  started_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: who commits a tick of the alerts, or changes what a tick decides by, increases the revision.
CREATE TABLE alert_ticks (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  revision INTEGER NOT NULL,
  tick_at INTEGER
) STRICT;
INSERT INTO alert_ticks (singleton, revision) VALUES (1, 0);

-- Alerts that are announced together.
CREATE TABLE alert_incidents (
  incident_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  last_message_at INTEGER NOT NULL,
  level INTEGER NOT NULL CHECK (level >= 0),
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  company_ids TEXT NOT NULL CHECK (json_valid(company_ids)),
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_incidents_by_time ON alert_incidents (opened_at, incident_id);
CREATE INDEX alert_incidents_open ON alert_incidents (opened_at) WHERE closed_at IS NULL;
CREATE INDEX alert_incidents_closed ON alert_incidents (closed_at);

-- An alert that is ok has no row. They outlive their credential until the next tick.
CREATE TABLE alerts (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  company_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'recovered')),
  severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
  cause TEXT NOT NULL,
  since INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  clear_since INTEGER,
  recovered_at INTEGER,
  incident_id TEXT,
  flaps INTEGER NOT NULL CHECK (flaps >= 0),
  figures TEXT NOT NULL CHECK (json_valid(figures)),
  PRIMARY KEY (kind, subject),
  CHECK ((state = 'pending') = (incident_id IS NULL)),
  CHECK ((state = 'recovered') = (recovered_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_silences (
  silence_id TEXT PRIMARY KEY,
  kind TEXT,
  company_id TEXT,
  until INTEGER NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_silences_by_end ON alert_silences (until);

-- The outbox: what is to be sent, and what was.
CREATE TABLE alert_messages (
  message_key TEXT NOT NULL,
  channel TEXT NOT NULL,
  incident_id TEXT,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  available_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  claim_id TEXT UNIQUE,
  claimed_until INTEGER,
  sent_at INTEGER,
  given_up_at INTEGER,
  error_code TEXT,
  PRIMARY KEY (message_key, channel),
  CHECK (sent_at IS NULL OR given_up_at IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_messages_by_time ON alert_messages (created_at, message_key, channel);
CREATE INDEX alert_messages_by_incident ON alert_messages (incident_id, created_at, message_key);
CREATE INDEX alert_messages_waiting ON alert_messages (created_at, message_key)
  WHERE sent_at IS NULL AND given_up_at IS NULL;

-- The current state of each credential, so that its runs need not be counted.
CREATE TABLE credential_states (
  credential_id TEXT PRIMARY KEY REFERENCES credentials ON DELETE CASCADE,
  -- The tenant whose runs left this state: it says nothing about another tenant.
  tenant_id TEXT NOT NULL,
  -- The state they left; null before the first run has ended.
  runs_state TEXT CHECK (runs_state IS NULL OR json_valid(runs_state)),
  -- Copied from the state, for lists and the scheduler.
  fresh_as_of INTEGER,
  last_good_started_at INTEGER,
  last_full_started_at INTEGER,
  -- The pause that a person set, for any tenant; without an end, until somebody resumes the credential.
  pause_reason TEXT,
  paused_by TEXT,
  paused_at INTEGER,
  paused_until INTEGER,
  -- When somebody last ended a pause.
  last_paused_at INTEGER,
  resumed_at INTEGER,
  CHECK ((pause_reason IS NULL) = (paused_at IS NULL) AND (paused_by IS NULL) = (paused_at IS NULL))
) STRICT, WITHOUT ROWID;

-- The job queue: syncs that wait for a worker, or that one executes.
CREATE TABLE jobs (
  job_number INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL UNIQUE,
  credential_id TEXT NOT NULL REFERENCES credentials ON DELETE CASCADE,
  company_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('manual', 'scheduled')),
  -- Its fields always in the same order: equal requests are equal texts.
  request TEXT NOT NULL CHECK (json_valid(request)),
  actor TEXT NOT NULL,
  -- 0 for manual, 1 for scheduled, 2 for bulk; and the rank that it has now, after waiting.
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
  rank INTEGER NOT NULL CHECK (rank BETWEEN 0 AND priority),
  -- When it gains the next; null for the first.
  gains_at INTEGER,
  -- Of its company in that rank, as in job_turns; 0 for none.
  last_turn INTEGER NOT NULL,
  -- A new number whenever the job is queued or requeued.
  place INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  available_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  slices INTEGER NOT NULL DEFAULT 0,
  lost_claims INTEGER NOT NULL DEFAULT 0,
  -- The number of its last claim, while its run may be unfinished.
  begun INTEGER,
  -- The last claim; one that has ended stays until the next.
  claim_id TEXT UNIQUE,
  worker TEXT,
  claim_ends_at INTEGER,
  CHECK ((rank = 0) = (gains_at IS NULL)),
  CHECK ((claim_id IS NULL) = (worker IS NULL) AND (claim_id IS NULL) = (claim_ends_at IS NULL))
) STRICT;
-- With everything that decides whether a job may be claimed, so that others are skipped without reading their rows.
CREATE INDEX jobs_next ON jobs (
  rank, last_turn, place, credential_id, priority, queued_at, available_at, begun, claim_ends_at
);
CREATE INDEX jobs_by_credential ON jobs (credential_id, begun, claim_ends_at, available_at, queued_at);
CREATE INDEX jobs_by_company ON jobs (company_id, rank);
CREATE INDEX jobs_gaining ON jobs (gains_at) WHERE gains_at IS NOT NULL;

-- The number of each company's last turn in a rank.
CREATE TABLE job_turns (
  company_id TEXT NOT NULL,
  rank INTEGER NOT NULL,
  last_turn INTEGER NOT NULL,
  PRIMARY KEY (company_id, rank)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER forget_turns AFTER DELETE ON credentials
WHEN NOT EXISTS (SELECT 1 FROM credentials WHERE company_id = OLD.company_id) BEGIN
  DELETE FROM job_turns WHERE company_id = OLD.company_id;
END;

-- The sync log. It outlives its credential.
CREATE TABLE runs (
  run_number INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL UNIQUE,
  credential_id TEXT NOT NULL,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  company_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('manual', 'scheduled')),
  data TEXT NOT NULL CHECK (data <> ''),
  request TEXT NOT NULL CHECK (json_valid(request)),
  status TEXT NOT NULL CHECK (
    status IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled', 'paused')
  ),
  started_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  completed_at INTEGER,
  -- These four are set when the run ends: a month of runs is summed up without looking at each one's figures.
  duration_ms INTEGER,
  rows_read INTEGER,
  records_derived INTEGER,
  records_rejected INTEGER,
  -- It completed without changing anything, and is pruned earlier.
  idle INTEGER NOT NULL DEFAULT 0 CHECK (idle IN (0, 1)),
  warnings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  -- How often one owner handed it over to the next.
  handed_over INTEGER NOT NULL DEFAULT 0,
  -- The process that owned it last.
  worker TEXT CHECK (worker IS NULL OR json_valid(worker)),
  CHECK ((completed_at IS NULL) = (status IN ('queued', 'running', 'paused'))),
  CHECK ((completed_at IS NULL) = (duration_ms IS NULL) AND (completed_at IS NULL) = (rows_read IS NULL))
) STRICT;
-- One run of a credential at a time, whatever goes wrong.
CREATE UNIQUE INDEX runs_current ON runs (credential_id) WHERE completed_at IS NULL;
CREATE INDEX runs_newest ON runs (started_at, run_number);
CREATE INDEX runs_by_company ON runs (company_id, started_at, run_number);
CREATE INDEX runs_by_credential ON runs (credential_id, started_at, run_number);
CREATE INDEX runs_by_scope ON runs (scope_id, started_at, run_number);
CREATE INDEX runs_by_end ON runs (completed_at, run_number);
CREATE INDEX runs_idle ON runs (completed_at, run_number) WHERE idle = 1;

-- For an accepted id under which no run began: the run that fulfills it, which may itself be such an id.
CREATE TABLE accepted_runs (
  accepted_id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  CHECK (accepted_id <> run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX accepted_runs_by_run ON accepted_runs (run_id);
CREATE INDEX accepted_runs_by_time ON accepted_runs (recorded_at);

CREATE TABLE run_feeds (
  run_number INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  feed TEXT NOT NULL CHECK (feed <> ''),
  pages INTEGER NOT NULL,
  read INTEGER NOT NULL,
  landed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  superseded INTEGER NOT NULL,
  -- Rows of erased customers, dropped because of the suppression list.
  suppressed INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (run_number, feed),
  CHECK (read = landed + unchanged + superseded + suppressed + rejected)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_records (
  run_number INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  record TEXT NOT NULL CHECK (record <> ''),
  derived INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  left_out INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  warned INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Findings in the records, by name: which rules warned, which columns were empty.
  counts TEXT CHECK (counts IS NULL OR json_valid(counts)),
  PRIMARY KEY (run_number, record)
) STRICT, WITHOUT ROWID;

-- Who may write for a credential. A transaction that writes has the file to itself: no lease changes hands meanwhile.
CREATE TABLE leases (
  credential_id TEXT PRIMARY KEY REFERENCES credentials ON DELETE CASCADE,
  run_number INTEGER NOT NULL REFERENCES runs,
  fence INTEGER NOT NULL,
  lease_ms INTEGER NOT NULL,
  -- The newest migration that the owner's program knows: others are not applied under it unless they work with it.
  program_version INTEGER NOT NULL,
  -- Null since it was released.
  expires_at INTEGER,
  -- Who asked the owner to cancel the run; the request ends with the lease.
  cancel_requested_by TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_by_run ON leases (run_number);

-- How far each feed has been read.
CREATE TABLE cursors (
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  feed TEXT NOT NULL CHECK (feed <> ''),
  cursor TEXT NOT NULL CHECK (json_valid(cursor)),
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (scope_id, feed)
) STRICT, WITHOUT ROWID;

-- ServiceTitan's rows as they were received.
CREATE TABLE entities (
  entity_number INTEGER PRIMARY KEY,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  feed TEXT NOT NULL CHECK (feed <> ''),
  entity_id INTEGER NOT NULL,
  -- It no longer exists in ServiceTitan.
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
  source TEXT NOT NULL CHECK (source IN ('export', 'list')),
  modified_on TEXT,
  content_hash TEXT NOT NULL,
  -- A hash of only the fields that records use: other changes affect no record.
  used_hash TEXT NOT NULL,
  -- The ids that it names, by the name of the link, as JSON; entity_links has the same the other way round.
  links TEXT NOT NULL,
  landed_at INTEGER NOT NULL,
  -- Known without reading the payload, which stands last and may fill whole pages.
  payload_bytes INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX entities_by_id ON entities (scope_id, feed, entity_id);
CREATE INDEX entities_removed ON entities (scope_id, feed, entity_id) WHERE removed = 1;

-- The links of a tenant's feeds, each as one small number.
CREATE TABLE feed_links (
  link_number INTEGER PRIMARY KEY AUTOINCREMENT,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  feed TEXT NOT NULL CHECK (feed <> ''),
  name TEXT NOT NULL CHECK (name <> ''),
  UNIQUE (scope_id, feed, name)
) STRICT;

-- Which entities name one by a link. There are several for each entity, all over the table: short keys keep what a
-- landing touches small.
CREATE TABLE entity_links (
  link_number INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  entity_id INTEGER NOT NULL,
  PRIMARY KEY (link_number, target_id, entity_id)
) STRICT, WITHOUT ROWID;

-- The work queue: keys whose records must be derived, or that must be replaced by the keys they lead to.
CREATE TABLE work_items (
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  record TEXT NOT NULL CHECK (record <> ''),
  feed TEXT NOT NULL CHECK (feed <> ''),
  entity_id INTEGER NOT NULL,
  -- A new number whenever the key is enqueued.
  sequence INTEGER NOT NULL,
  -- The claim is void under any other fence.
  claimed_fence INTEGER,
  -- The last entity that was already enqueued in its place.
  expanded_to INTEGER,
  PRIMARY KEY (scope_id, record, feed, entity_id)
) STRICT, WITHOUT ROWID;

-- The ids that a run has seen in each feed. Deleted when it ends.
CREATE TABLE seen_entities (
  run_number INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  feed TEXT NOT NULL,
  entity_id INTEGER NOT NULL,
  PRIMARY KEY (run_number, feed, entity_id)
) STRICT, WITHOUT ROWID;

-- How far a run has come in each part of its work. Deleted when it ends.
CREATE TABLE run_places (
  run_number INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  work TEXT NOT NULL,
  place TEXT NOT NULL CHECK (json_valid(place)),
  PRIMARY KEY (run_number, work)
) STRICT, WITHOUT ROWID;

-- The last delivered version of each record; of a removed one, only the revision.
CREATE TABLE delivered_records (
  record_number INTEGER PRIMARY KEY,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  record_type TEXT NOT NULL CHECK (record_type <> ''),
  entity_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
  content_hash TEXT,
  delivered_at INTEGER NOT NULL,
  record TEXT,
  CHECK (removed = (record IS NULL) AND removed = (content_hash IS NULL))
) STRICT;
CREATE UNIQUE INDEX delivered_records_by_id ON delivered_records (scope_id, record_type, entity_id);
CREATE INDEX delivered_records_current ON delivered_records (scope_id, record_type, entity_id) WHERE removed = 0;

-- What was not landed or not delivered: one for each entity and stage. Ids are text: a broken row's may be anything.
CREATE TABLE rejections (
  rejection_id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  company_id TEXT NOT NULL,
  credential_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  feed TEXT NOT NULL CHECK (feed <> ''),
  entity_id TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('structure', 'record', 'sink')),
  rules TEXT NOT NULL CHECK (json_valid(rules)),
  message TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  times_seen INTEGER NOT NULL DEFAULT 1,
  -- Changes whenever the rejection is seen again: the order of the list.
  place INTEGER NOT NULL,
  payload TEXT,
  UNIQUE (scope_id, feed, entity_id, stage)
) STRICT;
CREATE INDEX rejections_newest ON rejections (place);
CREATE INDEX rejections_by_company ON rejections (company_id, place);
CREATE INDEX rejections_by_credential ON rejections (credential_id, place);
-- For retention, which deletes the payloads of rejections that can be derived again.
CREATE INDEX rejections_by_time ON rejections (last_seen_at) WHERE stage <> 'structure' AND payload IS NOT NULL;

-- Batches that a sink has not acknowledged yet. They outlive their run.
CREATE TABLE stored_batches (
  batch_number INTEGER PRIMARY KEY AUTOINCREMENT,
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  batch_id TEXT NOT NULL,
  record TEXT NOT NULL CHECK (record <> ''),
  stored_at INTEGER NOT NULL,
  content TEXT NOT NULL,
  UNIQUE (scope_id, batch_id)
) STRICT;

-- The secret with which each company's suppression list is hashed, encrypted.
CREATE TABLE suppression_secrets (
  company_id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Erased and suppressed customers: keyed hashes of the customer, and of each row that is known by its own id. It
-- outlives credentials and their data.
CREATE TABLE suppressions (
  scope_id INTEGER NOT NULL REFERENCES tenant_scopes,
  customer_hash TEXT NOT NULL,
  row_hash TEXT NOT NULL,
  suppressed_at INTEGER NOT NULL,
  PRIMARY KEY (scope_id, customer_hash, row_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressions_by_row ON suppressions (scope_id, row_hash);

CREATE TABLE audit (
  entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  company_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  request_id TEXT,
  details TEXT NOT NULL CHECK (json_valid(details))
) STRICT;
CREATE INDEX audit_by_company ON audit (company_id, entry_id);
CREATE INDEX audit_by_time ON audit (at);

-- Append-only: entries never change, and only retention deletes them, while this has a row.
CREATE TABLE audit_pruning (before INTEGER NOT NULL) STRICT;
CREATE TRIGGER keep_audit_as_it_is BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER keep_audit BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit_pruning WHERE OLD.at < before) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- Delivered records, in the format that host applications read, for those without tables of their own.
CREATE TABLE members_stream (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  trade TEXT,
  software TEXT NOT NULL,
  customer_id TEXT,
  customer_name TEXT,
  customer_first_name TEXT,
  customer_last_name TEXT,
  customer_phone_numbers TEXT,
  customer_phone_number_primary TEXT,
  street TEXT,
  unit TEXT,
  city TEXT,
  state TEXT,
  zip TEXT,
  country TEXT,
  hub_plus_import_id INTEGER,
  active_member TEXT,
  membership_type TEXT,
  current_status TEXT,
  version TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  processed INTEGER NOT NULL DEFAULT 0 CHECK (processed IN (0, 1)),
  environment TEXT NOT NULL CHECK (environment IN ('integration', 'production')),
  source_tenant TEXT NOT NULL,
  source_id TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX members_stream_by_source ON members_stream (tenant, environment, source_tenant, source_id);
CREATE INDEX members_stream_unprocessed ON members_stream (id) WHERE processed = 0;

CREATE TABLE invoices_stream (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  trade TEXT,
  software TEXT NOT NULL,
  customer_id TEXT,
  customer_name TEXT,
  customer_first_name TEXT,
  customer_last_name TEXT,
  customer_phone_numbers TEXT,
  customer_phone_number_primary TEXT,
  street TEXT,
  unit TEXT,
  city TEXT,
  state TEXT,
  zip TEXT,
  country TEXT,
  hub_plus_import_id INTEGER,
  invoice_number TEXT,
  invoice_summary TEXT,
  job_number TEXT,
  job_type TEXT,
  zone TEXT,
  -- Exact: SQLite's own numbers with a fraction are not.
  total TEXT,
  first_appointment TEXT,
  summary TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  processed INTEGER NOT NULL DEFAULT 0 CHECK (processed IN (0, 1)),
  environment TEXT NOT NULL CHECK (environment IN ('integration', 'production')),
  source_tenant TEXT NOT NULL,
  source_id TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invoices_stream_by_source ON invoices_stream (tenant, environment, source_tenant, source_id);
CREATE INDEX invoices_stream_unprocessed ON invoices_stream (id) WHERE processed = 0;

-- The revision at which a record was removed from a stream: a late batch from before must not bring it back.
CREATE TABLE stream_removals (
  record TEXT NOT NULL CHECK (record <> ''),
  company_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  source_tenant TEXT NOT NULL,
  source_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (record, company_id, environment, source_tenant, source_id)
) STRICT, WITHOUT ROWID;

-- Batches that the streams have accepted from a storage in another database.
CREATE TABLE stream_batches (
  company_id TEXT NOT NULL,
  batch_id TEXT NOT NULL,
  -- The items that were refused, so that a repeated batch gets the same result.
  rejected TEXT CHECK (rejected IS NULL OR json_valid(rejected)),
  written_at INTEGER NOT NULL,
  PRIMARY KEY (company_id, batch_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stream_batches_by_time ON stream_batches (written_at);

-- That the data is being moved to another database, or was: nothing is written meanwhile, nor afterwards. At most one row.
CREATE TABLE move (
  -- The file's, in all attempts.
  source_id TEXT NOT NULL,
  -- Another one after rows were written here: what was copied before is out of date then.
  move_id TEXT NOT NULL,
  -- For people.
  target TEXT NOT NULL,
  -- Whoever moves the data renews it; afterwards others may write.
  held_until INTEGER NOT NULL,
  is_stale INTEGER NOT NULL CHECK (is_stale IN (0, 1)),
  finished_at INTEGER
) STRICT;
