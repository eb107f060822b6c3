import { runInProgress } from "@titan-sync/core/support";
import type { Statements, Value } from "../database/connection.js";

/** @throws `ConflictError` with the run's id while somebody owns the run of this credential. */
export function requireNoLiveLease(statements: Statements, credentialId: string, now: number): void {
  requireNone(statements, "lease.credential_id = ?2", credentialId, now);
}

/** @throws `ConflictError` with the run's id while somebody owns a run of this tenant. */
export function requireNoLiveLeaseOf(statements: Statements, scopeId: number, now: number): void {
  requireNone(statements, "run.scope_id = ?2", scopeId, now);
}

function requireNone(statements: Statements, condition: string, value: Value, now: number): void {
  const alive = statements.get<{ runId: string; expiresAt: number }>(
    `SELECT run.run_id AS runId, lease.expires_at AS expiresAt
    FROM leases lease JOIN runs run ON run.run_number = lease.run_number
    WHERE lease.expires_at > ?1 AND ${condition} LIMIT 1`,
    now,
    value,
  );
  if (alive === undefined) return;
  throw runInProgress(alive.runId, alive.expiresAt - now);
}
