import { isDeepStrictEqual } from "node:util";
import type { BeginParams, StartedRun } from "@titan-sync/core";
import {
  changedMeanwhile,
  credentialBeingRemoved,
  latestOf,
  runCanceled,
  runIdTaken,
  supersededRun,
} from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { requireKnown } from "../migrations/migrate.js";
import { finishRun } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { requireNoLiveLease } from "./live-lease.js";
import { ensureScopeId } from "./scope.js";
import { takeNumbers } from "./series.js";
import { readRun } from "./stored-run.js";

interface Begun {
  /** `null` when the run that should start was canceled. */
  readonly started: StartedRun | null;
  /** The run that ended because of it. */
  readonly replaced: number | null;
}

/**
 * Takes a credential's lease and starts or continues its run.
 * @throws `ConfigError` unless this program works with the file.
 */
export async function beginRun(database: Database, params: BeginParams): Promise<StartedRun> {
  const { started, replaced } = await database.transaction((transaction) => {
    requireKnown(transaction, database.knownMigrations);
    const programVersion = latestOf(database.knownMigrations);
    return begin(transaction, { ...params, programVersion }, database.now());
  });
  // The new run has started even if this fails: pruning deletes what is left.
  if (replaced !== null) await forgetSeenOf(database, replaced).catch(() => undefined);
  if (started !== null) return started;
  throw runCanceled(params.runId);
}

interface Params extends BeginParams {
  /** The newest migration that this program knows. */
  readonly programVersion: number;
}

function begin(statements: Statements, params: Params, now: number): Begun {
  requireCredential(statements, params);
  requireNoLiveLease(statements, params.credentialId, now);
  const scopeId = ensureScopeId(statements, params.scope);
  const current = findCurrent(statements, params, scopeId);
  if (current?.isEqual === true && !current.isToCancel) {
    statements.run(
      "UPDATE runs SET status = 'running', error = NULL, updated_at = ?2, worker = ?3 WHERE run_number = ?1",
      current.runNumber,
      now,
      workerText(params),
    );
    return { started: start(statements, params, current.runNumber, true, now), replaced: null };
  }
  if (current !== null) {
    if (current.isToCancel)
      finishRun(statements, current.runNumber, "cancelled", { warnings: null, error: null, now });
    else finishRun(statements, current.runNumber, "failed", { warnings: null, error: supersededRun, now });
  }
  const replaced = current?.runNumber ?? null;
  // A queue that dispatches the run again must not undo its cancellation.
  if (current?.isToCancel === true && current.runId === params.runId) return { started: null, replaced };
  const runNumber = addRun(statements, params, scopeId, now);
  return { started: start(statements, params, runNumber, false, now), replaced };
}

function requireCredential(statements: Statements, { credentialId, scope }: BeginParams): void {
  const held = statements.get<{ removing: number }>(
    `SELECT removing FROM credentials
    WHERE credential_id = ?1 AND company_id = ?2 AND environment = ?3 AND tenant_id = ?4`,
    credentialId,
    scope.companyId,
    scope.environment,
    scope.tenantId,
  );
  if (held === undefined) throw changedMeanwhile("credential");
  if (held.removing === 1) {
    throw credentialBeingRemoved();
  }
}

interface CurrentRun {
  readonly runId: string;
  readonly runNumber: number;
  /** Whether it has the same request, for the same tenant. */
  readonly isEqual: boolean;
  /** Whether its owner died before it could act on a request to cancel it. */
  readonly isToCancel: boolean;
}

function findCurrent(
  statements: Statements,
  { credentialId, request }: BeginParams,
  scopeId: number,
): CurrentRun | null {
  const row = statements.get<{
    runId: string;
    runNumber: number;
    scopeId: number;
    request: string;
    cancelRequestedBy: string | null;
  }>(
    `SELECT run.run_id AS runId, run.run_number AS runNumber, run.scope_id AS scopeId, run.request,
      lease.cancel_requested_by AS cancelRequestedBy
    FROM runs run INDEXED BY runs_current
    LEFT JOIN leases lease ON lease.credential_id = ?1 AND lease.run_number = run.run_number
    WHERE run.credential_id = ?1 AND run.completed_at IS NULL`,
    credentialId,
  );
  if (row === undefined) return null;
  const given: unknown = JSON.parse(JSON.stringify(request));
  return {
    runId: row.runId,
    runNumber: row.runNumber,
    isEqual: row.scopeId === scopeId && isDeepStrictEqual(JSON.parse(row.request), given),
    isToCancel: row.cancelRequestedBy !== null,
  };
}

function addRun(statements: Statements, params: BeginParams, scopeId: number, now: number): number {
  const { runId, credentialId, scope, type, request } = params;
  const added = statements.get<{ runNumber: number }>(
    `INSERT INTO runs
      (run_id, credential_id, scope_id, company_id, type, data, request, status, started_at, updated_at, worker)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?8, ?9)
    ON CONFLICT (run_id) DO NOTHING RETURNING run_number AS runNumber`,
    runId,
    credentialId,
    scopeId,
    scope.companyId,
    type,
    request.data,
    JSON.stringify(request),
    now,
    workerText(params),
  );
  if (added === undefined) throw runIdTaken(runId);
  return added.runNumber;
}

function workerText({ worker = null }: BeginParams): string | null {
  return worker === null ? null : JSON.stringify(worker);
}

/** Takes the lease. */
function start(
  statements: Statements,
  { credentialId, leaseMs, programVersion }: Params,
  runNumber: number,
  resumed: boolean,
  now: number,
): StartedRun {
  const fence = takeNumbers(statements, "fence", 1);
  statements.run(
    `INSERT INTO leases
      (credential_id, run_number, fence, lease_ms, expires_at, program_version, cancel_requested_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)
    ON CONFLICT (credential_id) DO UPDATE SET run_number = excluded.run_number, fence = excluded.fence,
      lease_ms = excluded.lease_ms, expires_at = excluded.expires_at, program_version = excluded.program_version,
      cancel_requested_by = NULL`,
    credentialId,
    runNumber,
    fence,
    leaseMs,
    now + leaseMs,
    programVersion,
  );
  const run = readRun(statements, runNumber, now);
  return { lease: { credentialId, runId: run.id, fence }, run, resumed };
}
