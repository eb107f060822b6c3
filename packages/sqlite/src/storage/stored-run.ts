import {
  type FeedFigures,
  type FeedName,
  type RecordFigures,
  type RecordType,
  StorageError,
  type StoredRun,
} from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** A run as {@link selectRuns} gives it. */
export interface RunRow {
  readonly runId: string;
  readonly runNumber: number;
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: StoredRun["scope"]["environment"];
  readonly tenantId: string;
  readonly type: StoredRun["type"];
  readonly request: string;
  readonly status: StoredRun["status"];
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly warnings: string;
  readonly error: string | null;
  readonly handedOver: number;
  readonly worker: string | null;
  /** When the last owner's lease ends; `null` since it was given back. */
  readonly ownedUntil: number | null;
  readonly feeds: string;
  readonly records: string;
}

/** The columns of `run_feeds` by figure. */
export const feedColumns: Readonly<Record<keyof FeedFigures, string>> = {
  pages: "pages",
  read: "read",
  landed: "landed",
  unchanged: "unchanged",
  superseded: "superseded",
  suppressed: "suppressed",
  rejected: "rejected",
};

/** The columns of `run_records` by figure; `counts` beside them sums name by name. */
export const recordColumns: Readonly<Record<Exclude<keyof RecordFigures, "counts">, string>> = {
  derived: "derived",
  delivered: "delivered",
  removed: "removed",
  unchanged: "unchanged",
  leftOut: "left_out",
  rejected: "rejected",
  warned: "warned",
};

function figuresOf(table: string, key: string, columns: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(columns).map(([name, column]) => `'${name}', ${column}`);
  return `(
    SELECT json_group_object(figures.${key}, json_object(${pairs.join(", ")}))
    FROM ${table} figures WHERE figures.run_number = run.run_number
  )`;
}

/**
 * Selects runs as `run`; conditions and order follow.
 * @param from - Where the runs are taken from.
 */
export function selectRuns(from = "runs"): string {
  return `SELECT run.run_id AS runId, run.run_number AS runNumber, run.credential_id AS credentialId,
    scope.company_id AS companyId, scope.environment, scope.tenant_id AS tenantId, run.type, run.request, run.status, run.worker,
    (SELECT max(lease.expires_at) FROM leases lease WHERE lease.run_number = run.run_number) AS ownedUntil,
    run.started_at AS startedAt, run.updated_at AS updatedAt, run.completed_at AS completedAt, run.warnings, run.error,
    run.handed_over AS handedOver,
    ${figuresOf("run_feeds", "feed", feedColumns)} AS feeds,
    ${figuresOf("run_records", "record", { ...recordColumns, counts: "json(counts)" })} AS records
  FROM ${from} run CROSS JOIN tenant_scopes scope ON scope.scope_id = run.scope_id`;
}

/** @throws `StorageError` when it is not there. */
export function readRun(statements: Statements, runNumber: number, now: number): StoredRun {
  const row = statements.get<RunRow>(`${selectRuns()} WHERE run.run_number = ?1`, runNumber);
  if (row === undefined) throw new StorageError("A run went away while it was worked on.");
  return toStoredRun(row, now);
}

/** @param now - Tells whether somebody owns the run. */
export function toStoredRun(row: RunRow, now: number): StoredRun {
  const { companyId, environment, tenantId } = row;
  return {
    id: row.runId,
    credentialId: row.credentialId,
    scope: { companyId, environment, tenantId },
    type: row.type,
    request: JSON.parse(row.request) as StoredRun["request"],
    status: row.status === "running" && (row.ownedUntil ?? 0) <= now ? "lost" : row.status,
    startedAt: row.startedAt,
    updatedAt: row.updatedAt,
    completedAt: row.completedAt,
    feeds: JSON.parse(row.feeds) as Record<FeedName, FeedFigures>,
    records: toRecords(row.records),
    warnings: JSON.parse(row.warnings) as StoredRun["warnings"],
    error: row.error === null ? null : (JSON.parse(row.error) as StoredRun["error"]),
    handedOver: row.handedOver,
    worker: row.worker === null ? null : (JSON.parse(row.worker) as StoredRun["worker"]),
  };
}

type Counts = Readonly<Record<string, number>>;

/** Counts are absent where there are none. */
function toRecords(text: string): StoredRun["records"] {
  const stored = JSON.parse(text) as Record<
    RecordType,
    Omit<RecordFigures, "counts"> & { counts: Counts | null }
  >;
  return Object.fromEntries(
    Object.entries(stored).map(([record, { counts, ...figures }]) => [
      record,
      counts === null ? figures : { ...figures, counts },
    ]),
  );
}
