import type {
  DailyRunMetrics,
  Page,
  PageRequest,
  RunFilter,
  RunTotals,
  Storage,
  StoredRun,
} from "@titan-sync/core";
import { decodeNumberCursor, rowsWanted, successfulStatuses, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import type { Tables } from "../database/tables.js";
import { fromEpochMs } from "../database/values.js";
import { isSuperseded, lastStep } from "./accepted-runs.js";
import { isOwned, type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

export async function findRun({ query, tables }: Database, id: string): Promise<StoredRun | null> {
  const own = `SELECT run.run_id FROM ${tables.runs} run WHERE run.run_id = $1`;
  const fulfilling = `SELECT run.run_id FROM ${tables.runs} run WHERE run.run_id = (${lastStep(tables, "$1")})`;
  const { rows } = await query<RunRow>(
    `${selectRuns(tables)} WHERE run.run_id = coalesce(
      (${own} AND NOT ${isSuperseded}), (${fulfilling}), (${own})
    )`,
    [id],
  );
  return rows[0] === undefined ? null : toStoredRun(rows[0]);
}

/** The run of a credential that is running or paused. */
export async function findCurrentRun(
  { query, tables }: Database,
  credentialId: string,
): Promise<StoredRun | null> {
  const { rows } = await query<RunRow>(
    `${selectRuns(tables)} WHERE run.credential_id = $1 AND run.status IN ('queued', 'running', 'paused')`,
    [credentialId],
  );
  return rows[0] === undefined ? null : toStoredRun(rows[0]);
}

/** Newest first. */
export async function listRuns(
  { query, tables }: Database,
  filter: RunFilter,
  page: PageRequest,
): Promise<Page<StoredRun>> {
  const conditions = runConditions(tables, filter).addAll(
    decodeNumberCursor("runs", 2, page),
    (startedAt, number) =>
      `(run.started_at, run.run_number) < (${fromEpochMs(startedAt)}, ${number}::bigint)`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const order = "ORDER BY run.started_at DESC, run.run_number DESC";
  // The page first: a planner without statistics of what it is joined with might collect all runs and sort them.
  const runs = `(SELECT * FROM ${tables.runs} run${conditions.where} ${order} LIMIT ${limit})`;
  const { rows } = await query<RunRow>(`${selectRuns(tables, runs)} ${order}`, conditions.values);
  return toPage("runs", rows, page, {
    item: toStoredRun,
    place: (row) => [String(row.startedAt), row.runNumber],
  });
}

/** The condition that a run succeeded. */
const succeeded = `run.status IN (${successfulStatuses.map((status) => `'${status}'`).join(", ")})`;

/** @param share - of the successful runs. */
function percentile(share: number): string {
  return `(percentile_disc(${share}) WITHIN GROUP (ORDER BY run.duration_ms) FILTER (WHERE ${succeeded}))::float8`;
}

export async function sumRuns({ query, tables }: Database, filter: RunFilter): Promise<RunTotals> {
  const conditions = runConditions(tables, filter).addAll([], () => "run.completed_at IS NOT NULL");
  const { rows } = await query<RunTotals>(
    `SELECT count(*)::float8 AS runs, (count(*) FILTER (WHERE ${succeeded}))::float8 AS succeeded,
      coalesce(sum(run.rows_read) FILTER (WHERE ${succeeded}), 0)::float8 AS "rowsRead",
      coalesce(sum(run.duration_ms) FILTER (WHERE ${succeeded}), 0)::float8 AS "durationMs",
      ${percentile(0.5)} AS "p50DurationMs", ${percentile(0.95)} AS "p95DurationMs"
    FROM ${tables.runs} run${conditions.where}`,
    conditions.values,
  );
  const none = {
    runs: 0,
    succeeded: 0,
    rowsRead: 0,
    durationMs: 0,
    p50DurationMs: null,
    p95DurationMs: null,
  };
  return rows[0] ?? none;
}

/** By credential and day. */
export async function measureDays(
  { query, tables }: Database,
  { credentialIds, from, to }: Parameters<Storage["dailyRunMetrics"]>[0],
): Promise<readonly DailyRunMetrics[]> {
  const { rows } = await query<DailyRunMetrics>(
    `SELECT run.credential_id AS "credentialId", run.day, count(*)::float8 AS runs,
      (count(*) FILTER (WHERE ${succeeded}))::float8 AS succeeded,
      coalesce(sum(run.rows_read), 0)::float8 AS "rowsRead",
      coalesce(sum(run.records_derived), 0)::float8 AS derived,
      coalesce(sum(run.records_rejected), 0)::float8 AS rejected,
      ${percentile(0.5)} AS "p50DurationMs"
    FROM (
      SELECT credential_id, status, rows_read, records_derived, records_rejected, duration_ms,
        to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
      FROM ${tables.runs}
      WHERE credential_id = ANY ($1::text[]) AND completed_at IS NOT NULL
        AND started_at >= ${fromEpochMs("$2")} AND started_at < ${fromEpochMs("$3")}
    ) run
    GROUP BY run.credential_id, run.day ORDER BY run.credential_id, run.day`,
    [credentialIds, from, to],
  );
  return rows;
}

function runConditions(tables: Tables, filter: RunFilter): Conditions {
  const { status } = filter;
  const conditions = new Conditions();
  if (status === "running") conditions.addAll([], () => isOwned(tables));
  if (status === "lost") conditions.addAll([], () => `NOT ${isOwned(tables)}`);
  return conditions
    .add(filter.companyId, (value) => `run.company_id = ${value}`)
    .add(filter.companyIds, (value) => `run.company_id = ANY (${value}::text[])`)
    .add(filter.credentialId, (value) => `run.credential_id = ${value}`)
    .add(status === "lost" ? "running" : status, (value) => `run.status = ${value}`)
    .add(filter.type, (value) => `run.type = ${value}`)
    .add(filter.data, (value) => `run.data = ${value}`)
    .add(filter.from, (value) => `run.started_at >= ${fromEpochMs(value)}`)
    .add(filter.to, (value) => `run.started_at < ${fromEpochMs(value)}`);
}
