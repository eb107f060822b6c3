/** How the rows of one table of the embedded database become rows of the same table in PostgreSQL. */
export interface MovedTable {
  /** Of the table, in both. */
  readonly name: string;
  /** The columns that identify a row in SQLite, in the order in which the rows are read. */
  readonly key: readonly string[];
  /** Columns that only PostgreSQL has, as SQL about the SQLite row `source`. */
  readonly added?: Readonly<Record<string, string>>;
  /** Columns that only SQLite has, because PostgreSQL represents them differently. */
  readonly dropped?: readonly string[];
  /** Rows read at once. @defaultValue 1000 */
  readonly step?: number;
}

const companyOfScope =
  "(SELECT company_id FROM tenant_scopes WHERE tenant_scopes.scope_id = source.scope_id)";
const companyOfRun = "(SELECT company_id FROM runs WHERE runs.run_number = source.run_number)";

/** Rows that may be as large as a whole page of the API. */
const largeRows = 100;

/**
 * Everything but what lets a sync begin, in an order in which each row finds those that it refers to. The last table is
 * `credentials` of {@link lastTables}: until then nobody can work with the target.
 */
export const movedTables: readonly MovedTable[] = [
  { name: "tenant_scopes", key: ["scope_id"] },
  { name: "companies", key: ["company_id"] },
  { name: "runs", key: ["run_number"] },
  { name: "accepted_runs", key: ["accepted_id"] },
  { name: "run_feeds", key: ["run_number", "feed"], added: { company_id: companyOfRun } },
  { name: "run_records", key: ["run_number", "record"], added: { company_id: companyOfRun } },
  { name: "run_places", key: ["run_number", "work"], added: { company_id: companyOfRun } },
  { name: "seen_entities", key: ["run_number", "feed", "entity_id"], added: { company_id: companyOfRun } },
  { name: "cursors", key: ["scope_id", "feed"], added: { company_id: companyOfScope } },
  {
    name: "entities",
    key: ["entity_number"],
    added: { company_id: companyOfScope },
    // The links are stored in columns, see entity-links.ts; PostgreSQL computes the size.
    dropped: ["entity_number", "links", "payload_bytes"],
    step: largeRows,
  },
  {
    name: "work_items",
    key: ["scope_id", "record", "feed", "entity_id"],
    added: { company_id: companyOfScope },
  },
  {
    name: "delivered_records",
    key: ["record_number"],
    added: { company_id: companyOfScope },
    dropped: ["record_number"],
  },
  { name: "rejections", key: ["rejection_id"], step: largeRows },
  { name: "stored_batches", key: ["batch_number"], added: { company_id: companyOfScope }, step: 1 },
  { name: "suppression_secrets", key: ["company_id"] },
  {
    name: "suppressions",
    key: ["scope_id", "customer_hash", "row_hash"],
    added: { company_id: companyOfScope },
  },
  { name: "audit", key: ["entry_id"] },
  { name: "alert_incidents", key: ["incident_id"] },
  { name: "alerts", key: ["kind", "subject"] },
  { name: "alert_silences", key: ["silence_id"] },
  { name: "alert_messages", key: ["message_key", "channel"] },
  { name: "members_stream", key: ["id"] },
  { name: "invoices_stream", key: ["id"] },
  { name: "stream_removals", key: ["record", "company_id", "environment", "source_tenant", "source_id"] },
  { name: "stream_batches", key: ["company_id", "batch_id"], step: largeRows },
];

/** Copied in the transaction that ends the move. */
export const lastTables: readonly MovedTable[] = [
  { name: "credentials", key: ["credential_id"] },
  { name: "schedules", key: ["credential_id"] },
  { name: "schedule_starts", key: ["credential_id", "nominal_at"] },
  { name: "scheduler", key: ["singleton"] },
  {
    name: "credential_states",
    key: ["credential_id"],
    added: {
      company_id:
        "(SELECT company_id FROM credentials WHERE credentials.credential_id = source.credential_id)",
    },
  },
  {
    name: "leases",
    key: ["credential_id"],
    added: {
      company_id:
        "(SELECT company_id FROM credentials WHERE credentials.credential_id = source.credential_id)",
      // Null there once it is released, and a time long ago here.
      expires_at: "coalesce(source.expires_at, 0)",
      renewed_at: "coalesce(source.expires_at, 0)",
    },
  },
];

/** PostgreSQL columns that are filled without a column of SQLite's: by the database, or from the links. */
export const filledOtherwise: Readonly<Record<string, readonly string[]>> = {
  entities: ["payload_bytes", "link_0", "link_1", "link_2"],
};

/** Tables that need no copy, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  migrations: "each database has its own",
  workers: "the workers of the file have stopped",
  alert_ticks: "PostgreSQL has its own; the next tick is due at once",
  rate_limits: "what was sent in the last seconds",
  feed_links: "made from those of SQLite, each with its own column",
  unfinished_move: "the move itself",
  move: "the move itself",
  series: "the sequences of PostgreSQL continue above them",
  entity_links: "the same as the links of the entities",
  jobs: "the queue on PostgreSQL is another one; a move names the jobs that it leaves behind",
  job_turns: "of the queue that is left behind",
  audit_pruning: "holds a row within one transaction only",
};

/** A number that must never be given again: the sequence behind a column, and what SQLite's last one is. */
export interface ContinuedSequence {
  readonly table: string;
  readonly column: string;
  /** SQL that gives the last number as text, in a column `last`. */
  readonly last: string;
}

const identity = (table: string, column: string): ContinuedSequence => ({
  table,
  column,
  last: `SELECT CAST(max(seq) AS TEXT) AS last FROM sqlite_sequence WHERE name = '${table}'`,
});

const series = (table: string, column: string): ContinuedSequence => ({
  table,
  column,
  last: `SELECT CAST(last AS TEXT) AS last FROM series WHERE name = '${column}'`,
});

export const continuedSequences: readonly ContinuedSequence[] = [
  identity("tenant_scopes", "scope_id"),
  identity("runs", "run_number"),
  identity("rejections", "rejection_id"),
  identity("stored_batches", "batch_number"),
  identity("audit", "entry_id"),
  identity("members_stream", "id"),
  identity("invoices_stream", "id"),
  series("leases", "fence"),
  series("work_items", "sequence"),
  series("rejections", "place"),
];
