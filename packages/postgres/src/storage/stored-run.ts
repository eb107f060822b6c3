import type { StoredRun } from "@titan-sync/core";
import { type RunRow as CoreRow, feedColumns, recordFigureColumns, runOfRow } from "@titan-sync/core/support";
import type { Tables } from "../database/tables.js";
import { epochMs } from "../database/values.js";

/** A run as {@link selectRuns} gives it. */
export interface RunRow extends CoreRow {
  readonly runNumber: string;
}

/**
 * Selects runs as `run`; conditions and order follow.
 * @param from - Where the runs are taken from, if not from all.
 */
export function selectRuns(tables: Tables, from: string = tables.runs): string {
  const figuresOf = (table: string, key: string, columns: Readonly<Record<string, string>>): string => {
    const pairs = Object.entries(columns).map(([name, column]) => `'${name}', figures.${column}`);
    return `(
      SELECT json_object_agg(figures.${key}, json_build_object(${pairs.join(", ")}))::text
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
    (SELECT figures.feed FROM ${tables.run_feeds} figures
      WHERE figures.run_number = run.run_number AND figures.company_id = run.company_id
      ORDER BY figures.updated_at DESC, figures.feed LIMIT 1) AS "lastFeed",
    ${figuresOf(tables.run_records, "record", { ...recordFigureColumns, counts: "counts" })} AS records
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

export function toStoredRun(row: RunRow): StoredRun {
  return runOfRow(row);
}
