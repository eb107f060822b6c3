import type {
  DailyRunMetrics,
  Page,
  PageRequest,
  RunFilter,
  RunTotals,
  Storage,
  StoredRun,
} from "@titan-sync/core";
import {
  decodeNumberCursor,
  percentileRank,
  rowsWanted,
  successfulStatuses,
  toPage,
} from "@titan-sync/core/support";

import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { findFulfilling } from "./accepted-runs.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

export async function findRun(database: Database, id: string): Promise<StoredRun | null> {
  const row = await database.read((statements) => {
    const byId = (runId: string) => statements.get<RunRow>(`${selectRuns()} WHERE run.run_id = ?1`, runId);
    return findFulfilling(statements, id, byId);
  });
  return row === undefined ? null : toStoredRun(row, database.now());
}

/** The run of a credential that is running or paused. */
export async function findCurrentRun(database: Database, credentialId: string): Promise<StoredRun | null> {
  const row = await database.read((statements) =>
    statements.get<RunRow>(
      `${selectRuns()} WHERE run.credential_id = ?1 AND run.completed_at IS NULL`,
      credentialId,
    ),
  );
  return row === undefined ? null : toStoredRun(row, database.now());
}

/** The index that has a filter's runs in order. Without statistics SQLite would guess, and might sort all runs. */
function indexFor({ credentialId, companyId }: RunFilter): string {
  if (credentialId !== undefined) return "runs_by_credential";
  return companyId !== undefined ? "runs_by_company" : "runs_newest";
}

/** Newest first. */
export async function listRuns(
  database: Database,
  filter: RunFilter,
  page: PageRequest,
): Promise<Page<StoredRun>> {
  const now = database.now();
  const conditions = runConditions(filter, now).addAll(
    decodeNumberCursor("runs", 2, page),
    (startedAt, number) =>
      `(run.started_at, run.run_number) < (CAST(${startedAt} AS INTEGER), CAST(${number} AS INTEGER))`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const order = "ORDER BY run.started_at DESC, run.run_number DESC";
  const runs = `(SELECT * FROM runs run INDEXED BY ${indexFor(filter)}${conditions.where} ${order} LIMIT ${limit})`;
  const rows = await database.read((statements) =>
    statements.all<RunRow>(`${selectRuns(runs)} ${order}`, ...conditions.values),
  );
  return toPage("runs", rows, page, {
    item: (row) => toStoredRun(row, now),
    place: (row) => [String(row.startedAt), String(row.runNumber)],
  });
}

/** The condition that a run succeeded. */
const succeeded = `status IN (${successfulStatuses.map((status) => `'${status}'`).join(", ")})`;

export async function sumRuns(database: Database, filter: RunFilter): Promise<RunTotals> {
  const { where, values } = runConditions(filter, database.now()).addAll(
    [],
    () => "run.completed_at IS NOT NULL",
  );
  const from = `FROM runs run INDEXED BY ${indexFor(filter)}${where}`;
  return await database.read((statements) => {
    const sums = statements.get<Omit<RunTotals, "p50DurationMs" | "p95DurationMs">>(
      `SELECT count(*) AS runs, count(*) FILTER (WHERE ${succeeded}) AS succeeded,
        coalesce(sum(rows_read) FILTER (WHERE ${succeeded}), 0) AS rowsRead,
        coalesce(sum(duration_ms) FILTER (WHERE ${succeeded}), 0) AS durationMs ${from}`,
      ...values,
    ) ?? { runs: 0, succeeded: 0, rowsRead: 0, durationMs: 0 };
    const percentile = (share: number): number | null => {
      if (sums.succeeded === 0) return null;
      const row = statements.get<{ ms: number }>(
        `SELECT duration_ms AS ms ${from} AND ${succeeded} ORDER BY duration_ms LIMIT 1 OFFSET ?${values.length + 1}`,
        ...values,
        percentileRank(sums.succeeded, share) - 1,
      );
      return row?.ms ?? null;
    };
    return { ...sums, p50DurationMs: percentile(0.5), p95DurationMs: percentile(0.95) };
  });
}

/** By credential and day. */
export async function dailyRunMetrics(
  database: Database,
  { credentialIds, from, to }: Parameters<Storage["dailyRunMetrics"]>[0],
): Promise<readonly DailyRunMetrics[]> {
  return await database.read((statements) =>
    statements.all<DailyRunMetrics>(
      `WITH ended AS (
        SELECT run.credential_id, strftime('%Y-%m-%d', run.started_at / 1000, 'unixepoch') AS day,
          run.rows_read, run.records_derived, run.records_rejected, run.duration_ms,
          ${succeeded} AS good
        FROM json_each(?1) wanted CROSS JOIN runs run INDEXED BY runs_by_credential
          ON run.credential_id = wanted.value
        WHERE run.started_at >= ?2 AND run.started_at < ?3 AND run.completed_at IS NOT NULL
      ),
      placed AS (
        SELECT ended.*, row_number() OVER (PARTITION BY credential_id, day, good ORDER BY duration_ms) AS place,
          count(*) OVER (PARTITION BY credential_id, day, good) AS alike
        FROM ended
      )
      SELECT credential_id AS credentialId, day, count(*) AS runs, count(*) FILTER (WHERE good) AS succeeded,
        coalesce(sum(rows_read), 0) AS rowsRead, coalesce(sum(records_derived), 0) AS derived,
        coalesce(sum(records_rejected), 0) AS rejected,
        -- The percentileRank of 0.5.
        max(duration_ms) FILTER (WHERE good AND place = (alike + 1) / 2) AS p50DurationMs
      FROM placed GROUP BY credential_id, day ORDER BY credential_id, day`,
      JSON.stringify([...new Set(credentialIds)]),
      from,
      to,
    ),
  );
}

function runConditions(filter: RunFilter, now: number): Conditions {
  const { status } = filter;
  const isOwned = (value: string): string => `EXISTS (
    SELECT 1 FROM leases lease WHERE lease.run_number = run.run_number AND lease.expires_at > ${value}
  )`;
  return new Conditions()
    .add(status === "running" ? now : undefined, isOwned)
    .add(status === "lost" ? now : undefined, (value) => `NOT ${isOwned(value)}`)
    .add(filter.companyId, (value) => `run.company_id = ${value}`)
    .addAny("run.company_id", filter.companyIds)
    .add(filter.credentialId, (value) => `run.credential_id = ${value}`)
    .add(status === "lost" ? "running" : status, (value) => `run.status = ${value}`)
    .add(filter.type, (value) => `run.type = ${value}`)
    .add(filter.data, (value) => `run.data = ${value}`)
    .add(filter.from, (value) => `run.started_at >= ${value}`)
    .add(filter.to, (value) => `run.started_at < ${value}`);
}
