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
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

type StateRow = Omit<StoredCredentialState, "runs" | "pause" | "current"> &
  PauseRow & {
    readonly runs: string | null;
    readonly place: number;
  };

export const pauseColumns = `state.pause_reason AS pauseReason, state.paused_by AS pausedBy,
  state.paused_at AS pausedAt, state.paused_until AS pausedUntil`;

/** Before every time: what was never fresh comes first. */
const never = -1;

const isOwn = "state.tenant_id = credential.tenant_id";
/** The state left by runs of another tenant says nothing about this one. */
const selectStates = `SELECT * FROM (
  SELECT credential.credential_id AS credentialId, credential.company_id AS companyId, credential.environment,
    credential.tenant_id AS tenantId, credential.status AS connection,
    CASE WHEN ${isOwn} THEN state.runs_state END AS runs, ${pauseColumns},
    state.last_paused_at AS lastPausedAt, state.resumed_at AS resumedAt,
    coalesce(CASE WHEN ${isOwn} THEN state.fresh_as_of END, ${never}) AS place
  FROM credentials credential LEFT JOIN credential_states state ON state.credential_id = credential.credential_id
)`;

export async function findCredentialState(
  database: Database,
  credentialId: string,
): Promise<StoredCredentialState | null> {
  return await database.read((statements) => {
    const row = statements.get<StateRow>(`${selectStates} WHERE credentialId = ?1`, credentialId);
    return row === undefined ? null : toState(statements, row, database.now());
  });
}

/** The stalest first. */
export async function listCredentialStates(
  database: Database,
  filter: CredentialStateFilter,
  page: PageRequest,
): Promise<Page<StoredCredentialState>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `companyId = ${value}`)
    .addAny("companyId", filter.companyIds)
    .add(filter.environment, (value) => `environment = ${value}`)
    .addAll(
      decodeCursor("states", 2, page),
      (time, id) => `(place, credentialId) > (CAST(${time} AS INTEGER), ${id})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  return await database.read((statements) => {
    const rows = statements.all<StateRow>(
      `${selectStates}${conditions.where} ORDER BY place, credentialId LIMIT ${limit}`,
      ...conditions.values,
    );
    return toPage("states", rows, page, {
      item: (row) => toState(statements, row, database.now()),
      place: (row) => [String(row.place), row.credentialId],
    });
  });
}

function toState(
  statements: Statements,
  { credentialId, companyId, environment, tenantId, connection, lastPausedAt, resumedAt, ...state }: StateRow,
  now: number,
): StoredCredentialState {
  const current = statements.get<RunRow>(
    `${selectRuns()} WHERE run.credential_id = ?1 AND run.completed_at IS NULL`,
    credentialId,
  );
  return {
    credentialId,
    companyId,
    environment,
    tenantId,
    connection,
    runs: state.runs === null ? noRunsState : (JSON.parse(state.runs) as RunsState),
    pause: toPause(state),
    lastPausedAt,
    resumedAt,
    current: current === undefined ? null : toStoredRun(current, now),
  };
}

/** Stores what a run that ended leaves behind. */
export function storeState(
  statements: Statements,
  { credentialId, scope, ...run }: StoredRun,
  completeness: Completeness,
): void {
  const row = statements.get<{ runs: string | null }>(
    "SELECT runs_state AS runs FROM credential_states WHERE credential_id = ?1 AND tenant_id = ?2",
    credentialId,
    scope.tenantId,
  );
  const before = row?.runs ?? null;
  const runs = stateAfterRun(before === null ? null : (JSON.parse(before) as RunsState), run, completeness);
  if (runs === null) return;
  statements.run(
    `INSERT INTO credential_states (credential_id, tenant_id, runs_state, fresh_as_of, last_good_started_at,
      last_full_started_at)
    SELECT credential_id, ?2, ?3, ?4, ?5, ?6 FROM credentials WHERE credential_id = ?1
    ON CONFLICT (credential_id) DO UPDATE
    SET tenant_id = excluded.tenant_id, runs_state = excluded.runs_state, fresh_as_of = excluded.fresh_as_of,
      last_good_started_at = excluded.last_good_started_at, last_full_started_at = excluded.last_full_started_at`,
    credentialId,
    scope.tenantId,
    JSON.stringify(runs),
    stalest(runs),
    runs.lastGood?.startedAt ?? null,
    runs.lastFullStartedAt,
  );
}

export async function pauseCredential(
  database: Database,
  { credentialId, reason, actor, until }: Parameters<CredentialStateStore["pauseCredential"]>[0],
): Promise<CredentialPause | null> {
  return await database.transaction((transaction) => {
    const pause: CredentialPause = { reason, actor, at: database.now(), until };
    const changed = transaction.run(
      `INSERT INTO credential_states (credential_id, tenant_id, pause_reason, paused_by, paused_at, paused_until)
      SELECT credential_id, tenant_id, ?2, ?3, ?4, ?5 FROM credentials WHERE credential_id = ?1
      ON CONFLICT (credential_id) DO UPDATE SET pause_reason = excluded.pause_reason,
        paused_by = excluded.paused_by, paused_at = excluded.paused_at, paused_until = excluded.paused_until`,
      credentialId,
      reason,
      actor,
      pause.at,
      until,
    );
    return changed === 0 ? null : pause;
  });
}

export async function resumeCredential(
  database: Database,
  credentialId: string,
): Promise<CredentialPause | null> {
  return await database.transaction((transaction) => {
    const row = transaction.get<PauseRow>(
      `SELECT ${pauseColumns} FROM credential_states state
      WHERE state.credential_id = ?1 AND state.paused_at IS NOT NULL`,
      credentialId,
    );
    if (row === undefined) return null;
    transaction.run(
      `UPDATE credential_states SET pause_reason = NULL, paused_by = NULL, paused_at = NULL, paused_until = NULL,
        last_paused_at = paused_at, resumed_at = ?2
      WHERE credential_id = ?1`,
      credentialId,
      database.now(),
    );
    return toPause(row);
  });
}
