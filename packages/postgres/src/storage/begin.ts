import { type BeginParams, type StartedRun, StorageError, type StoredRun } from "@titan-sync/core";
import {
  changedMeanwhile,
  credentialBeingRemoved,
  runCanceled,
  runIdTaken,
  supersededRun,
} from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { lowerIdleLimit } from "../database/time-limits.js";
import { asNumber } from "../database/values.js";
import type { KnownSchema } from "../migrations/schema-version.js";
import { finishRun } from "./finish-run.js";
import { requireNoLiveLease } from "./live-lease.js";
import { holdScope } from "./scope.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

/**
 * Takes a credential's lease and starts or continues its run.
 * @throws `ConfigError` unless this program works with the schema.
 */
export async function begin(
  database: Database,
  schema: KnownSchema,
  params: BeginParams,
): Promise<StartedRun> {
  try {
    return await beginKnown(database, schema, params);
  } catch (error) {
    // In a schema that this program does not know, anything may be missing.
    if (error instanceof StorageError && !error.retryable) await schema.check();
    throw error;
  }
}

async function beginKnown(database: Database, schema: KnownSchema, params: BeginParams): Promise<StartedRun> {
  const { tables } = database;
  // Checked without a lock first: a takeover's lock waits for the writers of a live run.
  await requireNoLiveLease(database, tables, { credentialId: params.credentialId });
  const begun = await database.transaction(async (transaction) => {
    await transaction.query(`SELECT ${lowerIdleLimit("$1::bigint")}`, [params.leaseMs]);
    await requireCredential(transaction, tables, params);
    await lockForTakeover(transaction, tables, params);
    // Now that no migration can be applied any longer that this program does not work with.
    await schema.require(transaction);
    await requireNoLiveLease(transaction, tables, { credentialId: params.credentialId });
    const scopeId = await holdScope(transaction, tables, params.scope);
    const current = await findCurrent(transaction, tables, params, scopeId);
    const resumed = current?.isEqual === true && !current.isToCancel;
    if (resumed) await resumeRun(transaction, tables, current.runNumber, params);
    else {
      if (current !== null) await replaceRun(transaction, tables, current);
      // A queue that dispatches the run again must not undo its cancellation.
      if (current?.isToCancel === true && current.runId === params.runId) return null;
      await startRun(transaction, tables, params, scopeId);
    }
    const runId = resumed ? current.runId : params.runId;
    const fence = await takeLease(transaction, tables, params, { runId, programVersion: schema.latest });
    // By now somebody owns it.
    const run = await readRun(transaction, tables, runId);
    return { lease: { credentialId: params.credentialId, runId: run.id, fence }, run, resumed };
  });
  if (begun !== null) return begun;
  throw runCanceled(params.runId);
}

/** Holds the credential, so that it is not removed meanwhile. */
async function requireCredential(
  transaction: SqlTransaction,
  tables: Tables,
  { credentialId, scope }: BeginParams,
): Promise<void> {
  const { rows } = await transaction.query<{ removing: boolean }>(
    `SELECT removing FROM ${tables.credentials}
    WHERE credential_id = $1 AND company_id = $2 AND environment = $3 AND tenant_id = $4 FOR KEY SHARE`,
    [credentialId, scope.companyId, scope.environment, scope.tenantId],
  );
  const [held] = rows;
  if (held === undefined) throw changedMeanwhile("credential");
  if (held.removing) {
    throw credentialBeingRemoved();
  }
}

/** The lock that conflicts with every writer's lock. */
async function lockForTakeover(
  transaction: SqlTransaction,
  tables: Tables,
  { credentialId, scope, leaseMs }: BeginParams,
): Promise<void> {
  await transaction.query(
    `INSERT INTO ${tables.leases} (credential_id, company_id, lease_ms, expires_at)
    VALUES ($1, $2, $3, '-infinity') ON CONFLICT DO NOTHING`,
    [credentialId, scope.companyId, leaseMs],
  );
  await transaction.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [credentialId]);
}

interface CurrentRun {
  readonly runId: string;
  readonly runNumber: number;
  /** Whether it has the same request, for the same tenant. */
  readonly isEqual: boolean;
  /** Whether its owner died before it could act on a request to cancel it. */
  readonly isToCancel: boolean;
}

async function findCurrent(
  transaction: SqlTransaction,
  tables: Tables,
  { credentialId, request }: BeginParams,
  scopeId: number,
): Promise<CurrentRun | null> {
  const { rows } = await transaction.query<CurrentRun>(
    `SELECT run_id AS "runId", ${asNumber("run_number")} AS "runNumber",
      scope_id = $2 AND request = $3::jsonb AS "isEqual",
      EXISTS (
        SELECT FROM ${tables.leases}
        WHERE credential_id = $1 AND run_number = run.run_number AND cancel_requested_by IS NOT NULL
      ) AS "isToCancel"
    FROM ${tables.runs} run WHERE credential_id = $1 AND status IN ('queued', 'running', 'paused')`,
    [credentialId, scopeId, JSON.stringify(request)],
  );
  return rows[0] ?? null;
}

async function resumeRun(
  transaction: SqlTransaction,
  tables: Tables,
  runNumber: number,
  { worker = null }: BeginParams,
): Promise<void> {
  await transaction.query(
    `UPDATE ${tables.runs} SET status = 'running', error = NULL, worker = $2::json, updated_at = clock_timestamp()
    WHERE run_number = $1`,
    [runNumber, worker === null ? null : JSON.stringify(worker)],
  );
}

async function replaceRun(
  transaction: SqlTransaction,
  tables: Tables,
  { runNumber, isToCancel }: CurrentRun,
): Promise<void> {
  if (isToCancel) await finishRun(transaction, tables, runNumber, "cancelled", null, null);
  else await finishRun(transaction, tables, runNumber, "failed", null, supersededRun);
}

async function startRun(
  transaction: SqlTransaction,
  tables: Tables,
  { runId, credentialId, scope, type, request, worker = null }: BeginParams,
  scopeId: number,
): Promise<void> {
  const { rowCount } = await transaction.query(
    `INSERT INTO ${tables.runs}
      (run_id, credential_id, scope_id, company_id, type, data, request, worker, status, started_at, updated_at)
    SELECT $1, $2, $3::int, $4, $5, $6, $7::jsonb, $8::json, 'running', now, now FROM clock_timestamp() now
    ON CONFLICT (run_id) DO NOTHING`,
    [
      runId,
      credentialId,
      scopeId,
      scope.companyId,
      type,
      request.data,
      JSON.stringify(request),
      worker === null ? null : JSON.stringify(worker),
    ],
  );
  if (rowCount === 0) throw runIdTaken(runId);
}

async function readRun(transaction: SqlTransaction, tables: Tables, runId: string): Promise<StoredRun> {
  const { rows } = await transaction.query<RunRow>(`${selectRuns(tables)} WHERE run.run_id = $1`, [runId]);
  if (rows[0] === undefined) throw new StorageError("A run disappeared while it began.", { retryable: true });
  return toStoredRun(rows[0]);
}

async function takeLease(
  transaction: SqlTransaction,
  tables: Tables,
  { credentialId, scope, leaseMs }: BeginParams,
  { runId, programVersion }: { readonly runId: string; readonly programVersion: number },
): Promise<number> {
  const { rows } = await transaction.query<{ fence: number }>(
    `UPDATE ${tables.leases} lease
    SET fence = DEFAULT, company_id = $2, lease_ms = $3::int, program_version = $5::int,
      renewed_at = clock_timestamp(), cancel_requested_by = NULL,
      expires_at = clock_timestamp() + $3::int * interval '1 millisecond',
      run_number = (SELECT run_number FROM ${tables.runs} WHERE run_id = $4 AND company_id = $2)
    WHERE credential_id = $1 RETURNING ${asNumber("fence")} AS fence`,
    [credentialId, scope.companyId, leaseMs, runId, programVersion],
  );
  if (rows[0] === undefined)
    throw new StorageError("A lease disappeared while it was taken.", { retryable: true });
  return rows[0].fence;
}
