CREATE DOMAIN titan_sync.environment AS text COLLATE "C"
  CONSTRAINT environment_is_known CHECK ((VALUE = ANY (ARRAY['integration'::text, 'production'::text])));

CREATE DOMAIN titan_sync.feed_name AS text COLLATE "C"
  CONSTRAINT feed_name_is_given CHECK ((VALUE <> ''::text));

CREATE DOMAIN titan_sync.record_type AS text COLLATE "C"
  CONSTRAINT record_type_is_a_name CHECK ((VALUE ~ '^[a-z][a-z0-9_]{0,39}$'::text));

CREATE TABLE titan_sync.accepted_runs (
  accepted_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  recorded_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT accepted_runs_check CHECK ((accepted_id <> run_id)),
  CONSTRAINT accepted_runs_pkey PRIMARY KEY (accepted_id)
);

CREATE TABLE titan_sync.alert_incidents (
  incident_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  cause text NOT NULL,
  severity text COLLATE "C" NOT NULL,
  opened_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  last_message_at timestamp(3) with time zone NOT NULL,
  level integer NOT NULL,
  acknowledged_at timestamp(3) with time zone,
  acknowledged_by text,
  company_ids json NOT NULL,
  CONSTRAINT alert_incidents_check CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
  CONSTRAINT alert_incidents_level_check CHECK ((level >= 0)),
  CONSTRAINT alert_incidents_pkey PRIMARY KEY (incident_id),
  CONSTRAINT alert_incidents_severity_check CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text])))
);

CREATE TABLE titan_sync.alert_messages (
  message_key text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C",
  body text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  available_at timestamp(3) with time zone NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  claim_id text COLLATE "C",
  claimed_until timestamp(3) with time zone,
  sent_at timestamp(3) with time zone,
  given_up_at timestamp(3) with time zone,
  error_code text,
  CONSTRAINT alert_messages_check CHECK (((sent_at IS NULL) OR (given_up_at IS NULL))),
  CONSTRAINT alert_messages_claim_id_key UNIQUE (claim_id),
  CONSTRAINT alert_messages_pkey PRIMARY KEY (message_key, channel)
);

CREATE TABLE titan_sync.alert_silences (
  silence_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C",
  company_id text COLLATE "C",
  until timestamp(3) with time zone NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT alert_silences_pkey PRIMARY KEY (silence_id)
);

CREATE TABLE titan_sync.alert_ticks (
  singleton boolean DEFAULT true NOT NULL,
  revision integer NOT NULL,
  tick_at timestamp(3) with time zone,
  CONSTRAINT alert_ticks_pkey PRIMARY KEY (singleton),
  CONSTRAINT alert_ticks_singleton_check CHECK (singleton)
);

CREATE TABLE titan_sync.alerts (
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  company_id text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  cause text NOT NULL,
  since timestamp(3) with time zone NOT NULL,
  due_at timestamp(3) with time zone NOT NULL,
  clear_since timestamp(3) with time zone,
  recovered_at timestamp(3) with time zone,
  incident_id text COLLATE "C",
  flaps integer NOT NULL,
  figures json NOT NULL,
  CONSTRAINT alerts_check CHECK (((state = 'pending'::text) = (incident_id IS NULL))),
  CONSTRAINT alerts_check1 CHECK (((state = 'recovered'::text) = (recovered_at IS NOT NULL))),
  CONSTRAINT alerts_flaps_check CHECK ((flaps >= 0)),
  CONSTRAINT alerts_pkey PRIMARY KEY (kind, subject),
  CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text]))),
  CONSTRAINT alerts_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'firing'::text, 'recovered'::text])))
);

CREATE TABLE titan_sync.audit (
  entry_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  request_id text,
  details json NOT NULL,
  CONSTRAINT audit_outcome_check CHECK ((outcome = ANY (ARRAY['success'::text, 'failure'::text, 'denied'::text]))),
  CONSTRAINT audit_pkey PRIMARY KEY (entry_id)
);

CREATE TABLE titan_sync.companies (
  company_id text COLLATE "C" NOT NULL,
  details json NOT NULL,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT companies_pkey PRIMARY KEY (company_id)
);

CREATE TABLE titan_sync.credential_states (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  runs_state json,
  fresh_as_of timestamp(3) with time zone,
  last_good_started_at timestamp(3) with time zone,
  last_full_started_at timestamp(3) with time zone,
  pause_reason text,
  paused_by text,
  paused_at timestamp(3) with time zone,
  paused_until timestamp(3) with time zone,
  last_paused_at timestamp(3) with time zone,
  resumed_at timestamp(3) with time zone,
  CONSTRAINT credential_states_check CHECK ((num_nonnulls(pause_reason, paused_by, paused_at) = ANY (ARRAY[0, 3]))),
  CONSTRAINT credential_states_credential_id_company_id_fkey FOREIGN KEY (credential_id, company_id) REFERENCES titan_sync.credentials(credential_id, company_id) ON DELETE CASCADE,
  CONSTRAINT credential_states_pkey PRIMARY KEY (credential_id)
);

CREATE TABLE titan_sync.credentials (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  environment titan_sync.environment NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  version integer DEFAULT 1 NOT NULL,
  client_id text NOT NULL,
  client_secret text NOT NULL,
  app_key text NOT NULL,
  access_token text,
  token_issued_at timestamp(3) with time zone,
  token_expires_at timestamp(3) with time zone,
  token_lease_owner text,
  token_lease_expires_at timestamp with time zone,
  status text COLLATE "C" NOT NULL,
  last_connection_attempt_at timestamp(3) with time zone,
  last_sync_at timestamp(3) with time zone,
  removing boolean DEFAULT false NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT credentials_check CHECK ((num_nonnulls(access_token, token_issued_at, token_expires_at) = ANY (ARRAY[0, 3]))),
  CONSTRAINT credentials_company_id_environment_key UNIQUE (company_id, environment),
  CONSTRAINT credentials_pkey PRIMARY KEY (credential_id),
  CONSTRAINT credentials_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'connected'::text, 'error'::text]))),
  CONSTRAINT credentials_version_check CHECK ((version > 0)),
  CONSTRAINT credentials_with_company UNIQUE (credential_id, company_id)
);

CREATE TABLE titan_sync.cursors (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  cursor json,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT cursors_pkey PRIMARY KEY (scope_id, feed),
  CONSTRAINT cursors_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id)
);

CREATE TABLE titan_sync.delivered_records (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record_type titan_sync.record_type NOT NULL,
  entity_id bigint NOT NULL,
  revision bigint NOT NULL,
  removed boolean NOT NULL,
  content_hash text COLLATE "C",
  record text,
  delivered_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT delivered_records_check CHECK (((removed = (record IS NULL)) AND (removed = (content_hash IS NULL)))),
  CONSTRAINT delivered_records_pkey PRIMARY KEY (scope_id, record_type, entity_id),
  CONSTRAINT delivered_records_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id)
) WITH (fillfactor=90);

CREATE TABLE titan_sync.entities (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  link_0 bigint,
  link_1 bigint,
  link_2 bigint,
  removed boolean DEFAULT false NOT NULL,
  source text COLLATE "C" NOT NULL,
  modified_on text COLLATE "C",
  content_hash text COLLATE "C" NOT NULL,
  used_hash text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  payload_bytes integer GENERATED ALWAYS AS (octet_length(payload)) STORED NOT NULL,
  landed_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT entities_pkey PRIMARY KEY (scope_id, feed, entity_id) INCLUDE (removed),
  CONSTRAINT entities_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id),
  CONSTRAINT entities_source_check CHECK ((source = ANY (ARRAY['export'::text, 'list'::text])))
);

CREATE TABLE titan_sync.feed_links (
  feed titan_sync.feed_name NOT NULL,
  name text COLLATE "C" NOT NULL,
  "position" integer NOT NULL,
  CONSTRAINT feed_links_feed_position_key UNIQUE (feed, "position"),
  CONSTRAINT feed_links_pkey PRIMARY KEY (feed, name),
  CONSTRAINT feed_links_position_check CHECK ((("position" >= 0) AND ("position" <= 2)))
);

CREATE TABLE titan_sync.invoices_stream (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
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
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  processed boolean DEFAULT false NOT NULL,
  environment titan_sync.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT invoices_stream_pkey PRIMARY KEY (id),
  CONSTRAINT invoices_stream_tenant_environment_source_tenant_source_id_key UNIQUE (tenant, environment, source_tenant, source_id)
);

CREATE TABLE titan_sync.leases (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  run_number bigint,
  fence bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
  lease_ms integer NOT NULL,
  program_version integer DEFAULT 0 NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  renewed_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  cancel_requested_by text,
  CONSTRAINT leases_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES titan_sync.credentials(credential_id) ON DELETE CASCADE,
  CONSTRAINT leases_pkey PRIMARY KEY (credential_id),
  CONSTRAINT leases_run_number_company_id_fkey FOREIGN KEY (run_number, company_id) REFERENCES titan_sync.runs(run_number, company_id)
);

CREATE TABLE titan_sync.members_stream (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
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
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  processed boolean DEFAULT false NOT NULL,
  environment titan_sync.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT members_stream_pkey PRIMARY KEY (id),
  CONSTRAINT members_stream_tenant_environment_source_tenant_source_id_key UNIQUE (tenant, environment, source_tenant, source_id)
);

CREATE TABLE titan_sync.migrations (
  version integer NOT NULL,
  name text NOT NULL,
  works_with_previous boolean NOT NULL,
  applied_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (version)
);

CREATE TABLE titan_sync.rate_limits (
  budget_key text COLLATE "C" NOT NULL,
  next_slot_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  paused_until timestamp with time zone,
  last_429_at timestamp with time zone,
  lowered_rate integer,
  lowered_since timestamp with time zone,
  CONSTRAINT rate_limits_check CHECK (((lowered_rate IS NULL) = (lowered_since IS NULL))),
  CONSTRAINT rate_limits_lowered_rate_check CHECK ((lowered_rate > 0)),
  CONSTRAINT rate_limits_pkey PRIMARY KEY (budget_key)
) WITH (fillfactor=50);

CREATE TABLE titan_sync.rejections (
  rejection_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  credential_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  stage text COLLATE "C" NOT NULL,
  rules json NOT NULL,
  message text NOT NULL,
  payload text,
  first_seen_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  last_seen_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  times_seen integer DEFAULT 1 NOT NULL,
  place bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
  CONSTRAINT rejections_pkey PRIMARY KEY (rejection_id),
  CONSTRAINT rejections_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id),
  CONSTRAINT rejections_scope_id_feed_entity_id_stage_key UNIQUE (scope_id, feed, entity_id, stage),
  CONSTRAINT rejections_stage_check CHECK ((stage = ANY (ARRAY['structure'::text, 'record'::text, 'sink'::text])))
);

CREATE TABLE titan_sync.run_feeds (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  pages bigint NOT NULL,
  read bigint NOT NULL,
  landed bigint NOT NULL,
  unchanged bigint NOT NULL,
  superseded bigint NOT NULL,
  suppressed bigint NOT NULL,
  rejected bigint NOT NULL,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT run_feeds_check CHECK ((read = ((((landed + unchanged) + superseded) + suppressed) + rejected))),
  CONSTRAINT run_feeds_pkey PRIMARY KEY (run_number, feed),
  CONSTRAINT run_feeds_run_number_company_id_fkey FOREIGN KEY (run_number, company_id) REFERENCES titan_sync.runs(run_number, company_id) ON DELETE CASCADE
);

CREATE TABLE titan_sync.run_places (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  work text COLLATE "C" NOT NULL,
  place json NOT NULL,
  CONSTRAINT run_places_pkey PRIMARY KEY (run_number, work),
  CONSTRAINT run_places_run_number_company_id_fkey FOREIGN KEY (run_number, company_id) REFERENCES titan_sync.runs(run_number, company_id) ON DELETE CASCADE
);

CREATE TABLE titan_sync.run_records (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record titan_sync.record_type NOT NULL,
  derived bigint NOT NULL,
  delivered bigint NOT NULL,
  removed bigint NOT NULL,
  unchanged bigint NOT NULL,
  left_out bigint NOT NULL,
  rejected bigint NOT NULL,
  warned bigint NOT NULL,
  counts jsonb,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT run_records_pkey PRIMARY KEY (run_number, record),
  CONSTRAINT run_records_run_number_company_id_fkey FOREIGN KEY (run_number, company_id) REFERENCES titan_sync.runs(run_number, company_id) ON DELETE CASCADE
);

CREATE TABLE titan_sync.runs (
  run_number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  credential_id text COLLATE "C" NOT NULL,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  request jsonb NOT NULL,
  status text COLLATE "C" NOT NULL,
  started_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  completed_at timestamp(3) with time zone,
  duration_ms bigint,
  rows_read bigint,
  records_derived bigint,
  records_rejected bigint,
  idle boolean DEFAULT false NOT NULL,
  warnings json DEFAULT '[]'::json NOT NULL,
  error json,
  handed_over integer DEFAULT 0 NOT NULL,
  worker json,
  CONSTRAINT runs_check CHECK (((completed_at IS NULL) = (status = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text])))),
  CONSTRAINT runs_check1 CHECK ((num_nonnulls(completed_at, duration_ms, rows_read) = ANY (ARRAY[0, 3]))),
  CONSTRAINT runs_data_check CHECK ((data <> ''::text)),
  CONSTRAINT runs_pkey PRIMARY KEY (run_number),
  CONSTRAINT runs_run_id_key UNIQUE (run_id),
  CONSTRAINT runs_run_number_company_id_key UNIQUE (run_number, company_id),
  CONSTRAINT runs_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id),
  CONSTRAINT runs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'partial'::text, 'failed'::text, 'cancelled'::text, 'paused'::text]))),
  CONSTRAINT runs_type_check CHECK ((type = ANY (ARRAY['manual'::text, 'scheduled'::text])))
);

CREATE TABLE titan_sync.schedule_starts (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  nominal_at timestamp(3) with time zone NOT NULL,
  last_nominal_at timestamp(3) with time zone NOT NULL,
  starts integer NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  reason text COLLATE "C",
  run_at timestamp(3) with time zone NOT NULL,
  run_id text COLLATE "C",
  decided_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT schedule_starts_check CHECK (((outcome = 'skipped'::text) = (reason IS NOT NULL))),
  CONSTRAINT schedule_starts_credential_id_company_id_fkey FOREIGN KEY (credential_id, company_id) REFERENCES titan_sync.credentials(credential_id, company_id) ON DELETE CASCADE,
  CONSTRAINT schedule_starts_outcome_check CHECK ((outcome = ANY (ARRAY['queued'::text, 'delayed'::text, 'skipped'::text, 'missed'::text]))),
  CONSTRAINT schedule_starts_pkey PRIMARY KEY (credential_id, nominal_at),
  CONSTRAINT schedule_starts_starts_check CHECK ((starts > 0))
);

CREATE TABLE titan_sync.scheduler (
  singleton boolean DEFAULT true NOT NULL,
  last_tick_at timestamp(3) with time zone,
  outage_from timestamp(3) with time zone,
  outage_until timestamp(3) with time zone,
  CONSTRAINT scheduler_pkey PRIMARY KEY (singleton),
  CONSTRAINT scheduler_singleton_check CHECK (singleton)
);

CREATE TABLE titan_sync.schedules (
  credential_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  cron text,
  every text,
  time_zone text NOT NULL,
  start_window text,
  quiet_days json NOT NULL,
  data text COLLATE "C" NOT NULL,
  full_every text,
  enabled boolean NOT NULL,
  next_nominal_at timestamp(3) with time zone,
  next_run_at timestamp(3) with time zone,
  decided_until timestamp(3) with time zone NOT NULL,
  catch_up_at timestamp(3) with time zone,
  catch_up_run_id text COLLATE "C",
  last_enqueued_at timestamp(3) with time zone,
  revision integer DEFAULT 1 NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  updated_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT schedules_check CHECK (((cron IS NULL) <> (every IS NULL))),
  CONSTRAINT schedules_check1 CHECK (((next_nominal_at IS NULL) = (next_run_at IS NULL))),
  CONSTRAINT schedules_check2 CHECK (((catch_up_at IS NULL) = (catch_up_run_id IS NULL))),
  CONSTRAINT schedules_credential_id_company_id_fkey FOREIGN KEY (credential_id, company_id) REFERENCES titan_sync.credentials(credential_id, company_id) ON DELETE CASCADE,
  CONSTRAINT schedules_data_check CHECK ((data <> ''::text)),
  CONSTRAINT schedules_pkey PRIMARY KEY (credential_id),
  CONSTRAINT schedules_revision_check CHECK ((revision > 0))
);

CREATE TABLE titan_sync.seen_entities (
  run_number bigint NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  CONSTRAINT seen_entities_pkey PRIMARY KEY (run_number, feed, entity_id),
  CONSTRAINT seen_entities_run_number_company_id_fkey FOREIGN KEY (run_number, company_id) REFERENCES titan_sync.runs(run_number, company_id) ON DELETE CASCADE
);

CREATE TABLE titan_sync.stored_batches (
  batch_number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  batch_id text COLLATE "C" NOT NULL,
  record titan_sync.record_type NOT NULL,
  content text NOT NULL,
  stored_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT stored_batches_pkey PRIMARY KEY (batch_number),
  CONSTRAINT stored_batches_scope_id_batch_id_key UNIQUE (scope_id, batch_id),
  CONSTRAINT stored_batches_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id)
);

CREATE TABLE titan_sync.stream_batches (
  batch_id text COLLATE "C" NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  rejected json,
  written_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT stream_batches_pkey PRIMARY KEY (company_id, batch_id)
);

CREATE TABLE titan_sync.stream_removals (
  record titan_sync.record_type NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  environment titan_sync.environment NOT NULL,
  source_tenant text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  removed_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT stream_removals_pkey PRIMARY KEY (record, company_id, environment, source_tenant, source_id)
);

CREATE TABLE titan_sync.suppression_secrets (
  company_id text COLLATE "C" NOT NULL,
  secret text NOT NULL,
  created_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT suppression_secrets_pkey PRIMARY KEY (company_id)
);

CREATE TABLE titan_sync.suppressions (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  customer_hash text COLLATE "C" NOT NULL,
  row_hash text COLLATE "C" NOT NULL,
  suppressed_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT suppressions_pkey PRIMARY KEY (scope_id, customer_hash, row_hash),
  CONSTRAINT suppressions_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id)
);

CREATE TABLE titan_sync.tenant_scopes (
  scope_id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  environment titan_sync.environment NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  CONSTRAINT tenant_scopes_company_id_environment_tenant_id_key UNIQUE (company_id, environment, tenant_id),
  CONSTRAINT tenant_scopes_pkey PRIMARY KEY (scope_id),
  CONSTRAINT tenant_scopes_scope_id_company_id_key UNIQUE (scope_id, company_id)
);

CREATE TABLE titan_sync.unfinished_move (
  source_id text NOT NULL,
  move_id text COLLATE "C" NOT NULL,
  source text NOT NULL,
  place jsonb NOT NULL,
  started_at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT unfinished_move_pkey PRIMARY KEY (move_id)
);

CREATE TABLE titan_sync.work_items (
  scope_id integer NOT NULL,
  company_id text COLLATE "C" NOT NULL,
  record titan_sync.record_type NOT NULL,
  feed titan_sync.feed_name NOT NULL,
  entity_id bigint NOT NULL,
  sequence bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
  claimed_fence bigint,
  expanded_to bigint,
  CONSTRAINT work_items_pkey PRIMARY KEY (scope_id, record, feed, entity_id),
  CONSTRAINT work_items_scope_id_company_id_fkey FOREIGN KEY (scope_id, company_id) REFERENCES titan_sync.tenant_scopes(scope_id, company_id)
) WITH (fillfactor=70);

CREATE TABLE titan_sync.workers (
  worker_id text COLLATE "C" NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  name text COLLATE "C" NOT NULL,
  slots integer NOT NULL,
  busy integer NOT NULL,
  closing boolean NOT NULL,
  started_at timestamp(3) with time zone NOT NULL,
  beat_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT workers_pkey PRIMARY KEY (worker_id)
);

CREATE INDEX accepted_runs_by_run ON titan_sync.accepted_runs USING btree (run_id);

CREATE INDEX accepted_runs_by_time ON titan_sync.accepted_runs USING btree (recorded_at);

CREATE INDEX alert_incidents_by_time ON titan_sync.alert_incidents USING btree (opened_at, incident_id);

CREATE INDEX alert_incidents_closed ON titan_sync.alert_incidents USING btree (closed_at);

CREATE INDEX alert_incidents_open ON titan_sync.alert_incidents USING btree (opened_at) WHERE (closed_at IS NULL);

CREATE INDEX alert_messages_by_incident ON titan_sync.alert_messages USING btree (incident_id, created_at, message_key);

CREATE INDEX alert_messages_by_time ON titan_sync.alert_messages USING btree (created_at, message_key, channel);

CREATE INDEX alert_messages_waiting ON titan_sync.alert_messages USING btree (created_at, message_key) WHERE ((sent_at IS NULL) AND (given_up_at IS NULL));

CREATE INDEX alert_silences_by_end ON titan_sync.alert_silences USING btree (until);

CREATE INDEX audit_by_company ON titan_sync.audit USING btree (company_id, entry_id DESC);

CREATE INDEX audit_by_time ON titan_sync.audit USING btree (at);

CREATE INDEX credentials_by_environment ON titan_sync.credentials USING btree (environment, company_id);

CREATE INDEX credentials_by_status ON titan_sync.credentials USING btree (status, company_id, environment);

CREATE INDEX credentials_by_token_expiry ON titan_sync.credentials USING btree (token_expires_at);

CREATE INDEX delivered_records_current ON titan_sync.delivered_records USING btree (record_type, scope_id, entity_id) WHERE (NOT removed);

CREATE INDEX entities_by_link_0 ON titan_sync.entities USING btree (link_0, scope_id, feed, entity_id) WHERE (link_0 IS NOT NULL);

CREATE INDEX entities_by_link_1 ON titan_sync.entities USING btree (link_1, scope_id, feed, entity_id) WHERE (link_1 IS NOT NULL);

CREATE INDEX entities_by_link_2 ON titan_sync.entities USING btree (link_2, scope_id, feed, entity_id) WHERE (link_2 IS NOT NULL);

CREATE INDEX invoices_stream_unprocessed ON titan_sync.invoices_stream USING btree (id) WHERE (NOT processed);

CREATE INDEX leases_by_run ON titan_sync.leases USING btree (run_number);

CREATE INDEX members_stream_unprocessed ON titan_sync.members_stream USING btree (id) WHERE (NOT processed);

CREATE INDEX rejections_by_company ON titan_sync.rejections USING btree (company_id, place);

CREATE INDEX rejections_by_credential ON titan_sync.rejections USING btree (credential_id, place);

CREATE INDEX rejections_by_time ON titan_sync.rejections USING btree (last_seen_at) WHERE ((stage <> 'structure'::text) AND (payload IS NOT NULL));

CREATE INDEX rejections_newest ON titan_sync.rejections USING btree (place);

CREATE INDEX runs_by_company ON titan_sync.runs USING btree (company_id, started_at DESC, run_number DESC);

CREATE INDEX runs_by_company_status ON titan_sync.runs USING btree (company_id, status, started_at DESC, run_number DESC);

CREATE INDEX runs_by_credential ON titan_sync.runs USING btree (credential_id, started_at DESC, run_number DESC);

CREATE INDEX runs_by_credential_status ON titan_sync.runs USING btree (credential_id, status, started_at DESC, run_number DESC);

CREATE INDEX runs_by_data ON titan_sync.runs USING btree (data, started_at DESC, run_number DESC);

CREATE INDEX runs_by_end ON titan_sync.runs USING btree (completed_at, run_number);

CREATE INDEX runs_by_scope ON titan_sync.runs USING btree (scope_id, started_at DESC, run_number DESC);

CREATE INDEX runs_by_status ON titan_sync.runs USING btree (status, started_at DESC, run_number DESC);

CREATE INDEX runs_by_type ON titan_sync.runs USING btree (type, started_at DESC, run_number DESC);

CREATE UNIQUE INDEX runs_current ON titan_sync.runs USING btree (credential_id) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text]));

CREATE INDEX runs_idle ON titan_sync.runs USING btree (completed_at, run_number) WHERE idle;

CREATE INDEX runs_measured ON titan_sync.runs USING btree (started_at) INCLUDE (status, type, data, duration_ms, rows_read) WHERE (completed_at IS NOT NULL);

CREATE INDEX runs_measured_by_credential ON titan_sync.runs USING btree (credential_id, started_at) INCLUDE (company_id, status, type, data, duration_ms, rows_read, records_derived, records_rejected) WHERE (completed_at IS NOT NULL);

CREATE INDEX runs_newest ON titan_sync.runs USING btree (started_at DESC, run_number DESC);

CREATE INDEX schedule_starts_by_time ON titan_sync.schedule_starts USING btree (decided_at);

CREATE INDEX schedules_by_company ON titan_sync.schedules USING btree (company_id, credential_id);

CREATE INDEX schedules_due ON titan_sync.schedules USING btree (LEAST(next_run_at, catch_up_at), credential_id) WHERE enabled;

CREATE INDEX schedules_enqueued ON titan_sync.schedules USING btree (last_enqueued_at);

CREATE INDEX stream_batches_by_time ON titan_sync.stream_batches USING btree (written_at);

CREATE INDEX suppressions_by_company ON titan_sync.suppressions USING btree (company_id, customer_hash);

CREATE INDEX suppressions_by_row ON titan_sync.suppressions USING btree (scope_id, row_hash);

CREATE OR REPLACE FUNCTION titan_sync.keep_audit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('titan_sync.pruning', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE TRIGGER keep_audit BEFORE DELETE OR UPDATE ON titan_sync.audit FOR EACH ROW EXECUTE FUNCTION titan_sync.keep_audit();
