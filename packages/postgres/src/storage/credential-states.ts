import type {
  Completeness,
  CredentialPause,
  CredentialStateFilter,
  CredentialStateStore,
  Page,
  PageRequest,
  RunsState,
  StoredCredentialState,
  StoredRun,
} from "@titan-sync/core";
import {
  decodeCursor,
  noRunsState,
  type PauseRow,
  rowsWanted,
  stalest,
  stateAfterRun,
  toPage,
  toPause,
} from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

type StateRow = Omit<StoredCredentialState, "runs" | "pause" | "current"> &
  PauseRow & {
    readonly runs: string | null;
    readonly place: number;
  };

export const pauseColumns = `state.pause_reason AS "pauseReason", state.paused_by AS "pausedBy",
  ${epochMs("state.paused_at")} AS "pausedAt", ${epochMs("state.paused_until")} AS "pausedUntil"`;

/** Before every time: what was never fresh comes first. */
const never = -1;

export async function findCredentialState(
  database: Database,
  credentialId: string,
): Promise<StoredCredentialState | null> {
  const { query, tables } = database;
  const { rows } = await query<StateRow>(`${selectStates(tables)} WHERE credential_id = $1`, [credentialId]);
  return (await withCurrentRuns(database, rows))[0] ?? null;
}

/** The stalest first. */
export async function listCredentialStates(
  database: Database,
  filter: CredentialStateFilter,
  page: PageRequest,
): Promise<Page<StoredCredentialState>> {
  const { query, tables } = database;
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .add(filter.companyIds, (value) => `company_id = ANY (${value}::text[])`)
    .add(filter.environment, (value) => `environment = ${value}`)
    .addAll(
      decodeCursor("states", 2, page),
      (time, id) => `(place, credential_id) > (${time}::text::float8, ${id})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<StateRow>(
    `${selectStates(tables)}${conditions.where} ORDER BY place, credential_id LIMIT ${limit}`,
    conditions.values,
  );
  const states = await withCurrentRuns(database, rows.slice(0, page.limit));
  const { next } = toPage("states", rows, page, {
    item: (row) => row,
    place: (row) => [String(row.place), row.credentialId],
  });
  return { items: states, next };
}

/** The state left by runs of another tenant says nothing about this one. */
function selectStates(tables: Tables): string {
  const isOwn = "state.tenant_id = credential.tenant_id";
  return `SELECT state.*, credential_id AS "credentialId", company_id AS "companyId", tenant_id AS "tenantId"
  FROM (
    SELECT credential.credential_id, credential.company_id, credential.environment::text AS environment,
      credential.tenant_id, credential.status AS connection,
      CASE WHEN ${isOwn} THEN state.runs_state::text END AS runs,
      ${pauseColumns}, ${epochMs("state.last_paused_at")} AS "lastPausedAt",
      ${epochMs("state.resumed_at")} AS "resumedAt",
      coalesce(CASE WHEN ${isOwn} THEN ${epochMs("state.fresh_as_of")} END, ${never}) AS place
    FROM ${tables.credentials} credential
    LEFT JOIN ${tables.credential_states} state ON state.credential_id = credential.credential_id
  ) state`;
}

async function withCurrentRuns(
  { query, tables }: Database,
  states: readonly StateRow[],
): Promise<readonly StoredCredentialState[]> {
  if (states.length === 0) return [];
  const { rows } = await query<RunRow>(
    `${selectRuns(tables)}
    WHERE run.credential_id = ANY ($1::text[]) AND run.status IN ('queued', 'running', 'paused')`,
    [states.map(({ credentialId }) => credentialId)],
  );
  const current = new Map(rows.map((row) => [row.credentialId, toStoredRun(row)]));
  return states.map(
    ({ credentialId, companyId, environment, tenantId, connection, lastPausedAt, resumedAt, ...state }) => ({
      credentialId,
      companyId,
      environment,
      tenantId,
      connection,
      runs: state.runs === null ? noRunsState : (JSON.parse(state.runs) as RunsState),
      pause: toPause(state),
      lastPausedAt,
      resumedAt,
      current: current.get(credentialId) ?? null,
    }),
  );
}

/**
 * Notes that a credential was synced.
 * @returns what earlier runs of the same tenant left behind; `null` if there is none.
 */
export async function noteSync(
  transaction: SqlTransaction,
  tables: Tables,
  credentialId: string,
  runNumber: number,
): Promise<RunsState | null> {
  const { rows } = await transaction.query<{ before: string | null }>(
    `UPDATE ${tables.credentials} credential SET last_sync_at = clock_timestamp() WHERE credential_id = $1
    RETURNING (
      SELECT state.runs_state::text FROM ${tables.credential_states} state
      JOIN ${tables.runs} run ON run.run_number = $2
      JOIN ${tables.tenant_scopes} scope
        ON scope.scope_id = run.scope_id AND scope.company_id = run.company_id AND scope.tenant_id = state.tenant_id
      WHERE state.credential_id = credential.credential_id AND state.company_id = credential.company_id
    ) AS before`,
    [credentialId, runNumber],
  );
  const before = rows[0]?.before ?? null;
  return before === null ? null : (JSON.parse(before) as RunsState);
}

/** What earlier runs of the same tenant left behind; `null` if there is none. */
export async function findRunsState(
  transaction: SqlTransaction,
  tables: Tables,
  { credentialId, scope }: StoredRun,
): Promise<RunsState | null> {
  const { rows } = await transaction.query<{ before: string | null }>(
    `SELECT runs_state::text AS before FROM ${tables.credential_states}
    WHERE credential_id = $1 AND company_id = $2 AND tenant_id = $3`,
    [credentialId, scope.companyId, scope.tenantId],
  );
  const before = rows[0]?.before ?? null;
  return before === null ? null : (JSON.parse(before) as RunsState);
}

/** Stores what a run that ended leaves behind. Only the holder of the lease does, so that nobody else has since. */
export async function storeState(
  transaction: SqlTransaction,
  tables: Tables,
  before: RunsState | null,
  { credentialId, scope, ...run }: StoredRun,
  completeness: Completeness,
): Promise<void> {
  const runs = stateAfterRun(before, run, completeness);
  if (runs === null) return;
  await transaction.query(
    `INSERT INTO ${tables.credential_states} (credential_id, company_id, tenant_id, runs_state, fresh_as_of,
      last_good_started_at, last_full_started_at)
    SELECT credential_id, company_id, $3, $4::json, ${fromEpochMs("$5")}, ${fromEpochMs("$6")}, ${fromEpochMs("$7")}
    FROM ${tables.credentials} WHERE credential_id = $1 AND company_id = $2
    ON CONFLICT (credential_id) DO UPDATE
    SET tenant_id = excluded.tenant_id, runs_state = excluded.runs_state, fresh_as_of = excluded.fresh_as_of,
      last_good_started_at = excluded.last_good_started_at, last_full_started_at = excluded.last_full_started_at`,
    [
      credentialId,
      scope.companyId,
      scope.tenantId,
      JSON.stringify(runs),
      stalest(runs),
      runs.lastGood?.startedAt ?? null,
      runs.lastFullStartedAt,
    ],
  );
}

export async function pauseCredential(
  { query, tables }: Database,
  { credentialId, reason, actor, until }: Parameters<CredentialStateStore["pauseCredential"]>[0],
): Promise<CredentialPause | null> {
  const { rows } = await query<PauseRow>(
    `INSERT INTO ${tables.credential_states} AS state
      (credential_id, company_id, tenant_id, pause_reason, paused_by, paused_at, paused_until)
    SELECT credential_id, company_id, tenant_id, $2, $3, clock_timestamp(), ${fromEpochMs("$4")}
    FROM ${tables.credentials} WHERE credential_id = $1
    ON CONFLICT (credential_id) DO UPDATE SET pause_reason = excluded.pause_reason,
      paused_by = excluded.paused_by, paused_at = excluded.paused_at, paused_until = excluded.paused_until
    RETURNING ${pauseColumns}`,
    [credentialId, reason, actor, until],
  );
  return rows[0] === undefined ? null : toPause(rows[0]);
}

export async function resumeCredential(
  { transaction, tables }: Database,
  credentialId: string,
): Promise<CredentialPause | null> {
  return await transaction(async (open) => {
    const { rows } = await open.query<PauseRow>(
      `SELECT ${pauseColumns} FROM ${tables.credential_states} state
      WHERE state.credential_id = $1 AND state.paused_at IS NOT NULL FOR UPDATE`,
      [credentialId],
    );
    if (rows[0] === undefined) return null;
    await open.query(
      `UPDATE ${tables.credential_states} SET pause_reason = NULL, paused_by = NULL, paused_at = NULL,
        paused_until = NULL, last_paused_at = paused_at, resumed_at = clock_timestamp()
      WHERE credential_id = $1`,
      [credentialId],
    );
    return toPause(rows[0]);
  });
}
