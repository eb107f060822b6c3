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
import { noRunsState, stalest, stateAfterRun } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { decodeCursor, rowsWanted, toPage } from "../database/paging.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

type StateRow = Omit<StoredCredentialState, "runs" | "pause" | "current"> & {
  readonly runs: string | null;
  readonly pause: string | null;
  readonly place: number;
};

/** Before every time: what was never fresh comes first. */
const never = -1;

const isOwn = "state.tenant_id = credential.tenant_id";
/** What runs of another tenant left behind says nothing of this one. */
const selectStates = `SELECT * FROM (
  SELECT credential.credential_id AS credentialId, credential.company_id AS companyId, credential.environment,
    credential.tenant_id AS tenantId, credential.status AS connection,
    CASE WHEN ${isOwn} THEN state.runs_state END AS runs, state.pause, state.resumed_at AS resumedAt,
    coalesce(CASE WHEN ${isOwn} THEN state.fresh_as_of END, ${never}) AS place
  FROM credentials credential LEFT JOIN credential_states state ON state.credential_id = credential.credential_id
)`;

export async function findCredentialState(
  database: Database,
  credentialId: string,
): Promise<StoredCredentialState | null> {
  return await database.read((statements) => {
    const row = statements.get<StateRow>(`${selectStates} WHERE credentialId = ?1`, credentialId);
    return row === undefined ? null : toState(statements, row);
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
      item: (row) => toState(statements, row),
      place: (row) => [String(row.place), row.credentialId],
    });
  });
}

function toState(
  statements: Statements,
  { credentialId, companyId, environment, tenantId, connection, resumedAt, ...state }: StateRow,
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
    pause: state.pause === null ? null : (JSON.parse(state.pause) as CredentialPause),
    resumedAt,
    current: current === undefined ? null : toStoredRun(current),
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
    `INSERT INTO credential_states (credential_id, tenant_id, runs_state, fresh_as_of)
    SELECT credential_id, ?2, ?3, ?4 FROM credentials WHERE credential_id = ?1
    ON CONFLICT (credential_id) DO UPDATE
    SET tenant_id = excluded.tenant_id, runs_state = excluded.runs_state, fresh_as_of = excluded.fresh_as_of`,
    credentialId,
    scope.tenantId,
    JSON.stringify(runs),
    stalest(runs),
  );
}

export async function pauseCredential(
  database: Database,
  { credentialId, reason, actor, until }: Parameters<CredentialStateStore["pauseCredential"]>[0],
): Promise<CredentialPause | null> {
  return await database.transaction((transaction) => {
    const pause: CredentialPause = { reason, actor, at: database.now(), until };
    const changed = transaction.run(
      `INSERT INTO credential_states (credential_id, tenant_id, pause)
      SELECT credential_id, tenant_id, ?2 FROM credentials WHERE credential_id = ?1
      ON CONFLICT (credential_id) DO UPDATE SET pause = excluded.pause`,
      credentialId,
      JSON.stringify(pause),
    );
    return changed === 0 ? null : pause;
  });
}

export async function resumeCredential(
  database: Database,
  credentialId: string,
): Promise<CredentialPause | null> {
  return await database.transaction((transaction) => {
    const row = transaction.get<{ pause: string }>(
      "SELECT pause FROM credential_states WHERE credential_id = ?1 AND pause IS NOT NULL",
      credentialId,
    );
    if (row === undefined) return null;
    transaction.run(
      "UPDATE credential_states SET pause = NULL, resumed_at = ?2 WHERE credential_id = ?1",
      credentialId,
      database.now(),
    );
    return JSON.parse(row.pause) as CredentialPause;
  });
}
