import type { FeedFigures, FeedName, RecordFigures, StoredRun } from "@titan-sync/core";
import type { Tables } from "../database/tables.js";
import { epochMs } from "../database/values.js";

/** A run as {@link selectRuns} gives it. */
export interface RunRow {
  readonly runId: string;
  readonly runNumber: string;
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
  readonly feeds: string | null;
  readonly records: string | null;
}

/**
 * Selects runs as `run`; conditions and order follow.
 * @param from - Where the runs are taken from, if not from all.
 */
export function selectRuns(tables: Tables, from: string = tables.runs): string {
  const figuresOf = (table: string, key: string, columns: Readonly<Record<string, string>>): string => {
    const pairs = Object.entries(columns).map(([name, column]) => `'${name}', figures.${column}`);
    // Counts are absent where there are none.
    return `(
      SELECT json_object_agg(figures.${key}, json_strip_nulls(json_build_object(${pairs.join(", ")})))::text
      FROM ${table} figures
      WHERE figures.run_number = run.run_number AND figures.company_id = run.company_id
    )`;
  };
  const lastUpdate = (table: string, column: string): string =>
    `(SELECT max(${column}) FROM ${table} WHERE run_number = run.run_number AND company_id = run.company_id)`;
  const updatedAt = `greatest(run.updated_at, ${lastUpdate(tables.run_feeds, "updated_at")},
    ${lastUpdate(tables.run_records, "updated_at")}, ${lastUpdate(tables.leases, "renewed_at")})`;
  return `SELECT run.run_id AS "runId", run.run_number::text AS "runNumber", run.credential_id AS "credentialId",
    scope.company_id AS "companyId", scope.environment::text AS environment, scope.tenant_id AS "tenantId",
    run.type, run.request::text AS request,
    CASE WHEN ${isLost(tables)} THEN 'lost' ELSE run.status END AS status, run.worker::text AS worker,
    ${epochMs("run.started_at")} AS "startedAt", ${epochMs(updatedAt)} AS "updatedAt",
    ${epochMs("run.completed_at")} AS "completedAt",
    run.warnings::text AS warnings, run.error::text AS error, run.handed_over AS "handedOver",
    ${figuresOf(tables.run_feeds, "feed", feedColumns)} AS feeds,
    ${figuresOf(tables.run_records, "record", { ...recordColumns, counts: "counts" })} AS records
  FROM ${from} run
  JOIN ${tables.tenant_scopes} scope ON scope.scope_id = run.scope_id AND scope.company_id = run.company_id`;
}

/** The condition that a run is running and nobody owns it. */
export function isLost(tables: Tables): string {
  return `(run.status = 'running' AND NOT ${isOwned(tables)})`;
}

/** The condition that somebody owns a run. */
export function isOwned(tables: Tables): string {
  return `EXISTS (
    SELECT FROM ${tables.leases} lease
    WHERE lease.run_number = run.run_number AND lease.company_id = run.company_id
      AND lease.expires_at > clock_timestamp()
  )`;
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

export function toStoredRun(row: RunRow): StoredRun {
  const { companyId, environment, tenantId } = row;
  return {
    id: row.runId,
    credentialId: row.credentialId,
    scope: { companyId, environment, tenantId },
    type: row.type,
    request: JSON.parse(row.request) as StoredRun["request"],
    status: row.status,
    startedAt: row.startedAt,
    updatedAt: row.updatedAt,
    completedAt: row.completedAt,
    feeds: JSON.parse(row.feeds ?? "{}") as Record<FeedName, FeedFigures>,
    records: JSON.parse(row.records ?? "{}") as StoredRun["records"],
    warnings: JSON.parse(row.warnings) as StoredRun["warnings"],
    error: row.error === null ? null : (JSON.parse(row.error) as StoredRun["error"]),
    handedOver: row.handedOver,
    worker: row.worker === null ? null : (JSON.parse(row.worker) as StoredRun["worker"]),
  };
}
