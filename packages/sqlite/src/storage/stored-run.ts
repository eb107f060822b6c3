import { StorageError, type StoredRun } from "@titan-sync/core";
import { type RunRow as CoreRow, feedColumns, recordFigureColumns, runOfRow } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";

/** A run as {@link selectRuns} gives it. */
export interface RunRow extends CoreRow {
  readonly runNumber: number;
  /** When the last owner's lease ends; `null` since it was released. */
  readonly ownedUntil: number | null;
}

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
    (SELECT figures.feed FROM run_feeds figures WHERE figures.run_number = run.run_number
      ORDER BY figures.updated_at DESC, figures.feed LIMIT 1) AS lastFeed,
    ${figuresOf("run_records", "record", { ...recordFigureColumns, counts: "json(counts)" })} AS records
  FROM ${from} run CROSS JOIN tenant_scopes scope ON scope.scope_id = run.scope_id`;
}

/** @throws `StorageError` when it is not there. */
export function readRun(statements: Statements, runNumber: number, now: number): StoredRun {
  const row = statements.get<RunRow>(`${selectRuns()} WHERE run.run_number = ?1`, runNumber);
  if (row === undefined) throw new StorageError("A run went away while it was worked on.");
  return toStoredRun(row, now);
}

/** @param now - Shows whether somebody owns the run. */
export function toStoredRun(row: RunRow, now: number): StoredRun {
  return runOfRow(row, row.status === "running" && (row.ownedUntil ?? 0) <= now ? "lost" : row.status);
}
