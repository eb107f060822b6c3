const names = [
  "tenant_scopes",
  "companies",
  "credentials",
  "schedules",
  "schedule_starts",
  "scheduler",
  "credential_states",
  "workers",
  "alert_ticks",
  "alert_incidents",
  "alerts",
  "alert_silences",
  "alert_messages",
  "runs",
  "accepted_runs",
  "run_feeds",
  "run_records",
  "leases",
  "cursors",
  "feed_links",
  "entities",
  "work_items",
  "seen_entities",
  "run_places",
  "delivered_records",
  "rejections",
  "stored_batches",
  "suppression_secrets",
  "suppressions",
  "audit",
  "rate_limits",
  "members_stream",
  "invoices_stream",
  "stream_removals",
  "stream_batches",
] as const;

export type TableName = (typeof names)[number];

/** The tables' names as SQL text, with their schema, and the schema itself. */
export type Tables = Readonly<Record<TableName | "schema", string>>;

/** @param schema - quoted. */
export function tablesIn(schema: string): Tables {
  const qualified = names.map((name) => [name, `${schema}.${name}`]);
  return Object.freeze({ ...Object.fromEntries(qualified), schema }) as Tables;
}
