import {
  type LeaseRenewal,
  type RunLease,
  type Storage,
  StorageError,
  type StoredRun,
} from "@titan-sync/core";
import { expiresEarly } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import type { HeartbeatConnection } from "../database/heartbeat-connection.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { lowerIdleLimit } from "../database/time-limits.js";
import { noteSync, storeState } from "./credential-states.js";
import { storeEnd } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { type LeaseHolder, lost, ownerColumns } from "./lease-holder.js";
import { type RunRow, selectRuns, toStoredRun } from "./stored-run.js";

/** Extends a lease. Waits for no writer: the columns it changes are part of no key. */
export async function heartbeat(
  { query }: Pick<HeartbeatConnection, "query">,
  tables: Tables,
  { lease, leaseMs }: { readonly lease: RunLease; readonly leaseMs: number },
): Promise<LeaseRenewal> {
  const { rows } = await query<LeaseRenewal>(
    (lockTimeout) => `WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', ${lockTimeout}, true))
    UPDATE ${tables.leases} lease
    SET lease_ms = $4::int, renewed_at = clock_timestamp(),
      expires_at = clock_timestamp() + $4::int * interval '1 millisecond'
    FROM patience
    WHERE credential_id = $1 AND fence = $3 AND expires_at > clock_timestamp()
      AND run_number = (SELECT run_number FROM ${tables.runs} WHERE run_id = $2 AND company_id = lease.company_id)
    RETURNING cancel_requested_by AS "cancelRequestedBy"`,
    [lease.credentialId, lease.runId, lease.fence, leaseMs],
  );
  return rows[0] ?? lost(lease);
}

/** Stores how a run ended, and gives its lease back. */
export async function end(database: Database, params: Parameters<Storage["endRun"]>[0]): Promise<StoredRun> {
  const { run, endedRunNumber } = await storeOutcome(database, params);
  // The run has ended even if this fails: pruning deletes what is left.
  if (endedRunNumber !== null) await forgetSeenOf(database, endedRunNumber).catch(() => undefined);
  return run;
}

interface StoredOutcome {
  readonly run: StoredRun;
  /** `null` for a run that may be continued: it needs what it has seen. */
  readonly endedRunNumber: number | null;
}

async function storeOutcome(
  database: Database,
  { lease, status, warnings, error, completeness = {}, handedOver = false }: Parameters<Storage["endRun"]>[0],
): Promise<StoredOutcome> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const { runNumber, isToCancel } = await giveBack(transaction, tables, lease);
    const isPaused = status === "paused" && !isToCancel;
    if (status === "paused" && isToCancel) {
      await storeEnd(transaction, tables, runNumber, "cancelled", warnings, error);
    } else if (status === "paused") {
      await transaction.query(
        `UPDATE ${tables.runs} SET status = $2, warnings = $3::json, error = $4::json, handed_over = handed_over + $5::int,
          updated_at = clock_timestamp()
        WHERE run_number = $1`,
        [
          runNumber,
          status,
          JSON.stringify(warnings),
          error === null ? null : JSON.stringify(error),
          handedOver ? 1 : 0,
        ],
      );
    } else await storeEnd(transaction, tables, runNumber, status, warnings, error);
    const before = await noteSync(transaction, tables, lease.credentialId, runNumber);
    const { rows } = await transaction.query<RunRow>(`${selectRuns(tables)} WHERE run.run_number = $1`, [
      runNumber,
    ]);
    if (rows[0] === undefined) throw new StorageError("A run disappeared while it ended.");
    const run = toStoredRun(rows[0]);
    if (expiresEarly(run)) {
      await transaction.query(`UPDATE ${tables.runs} SET idle = true WHERE run_number = $1`, [runNumber]);
    }
    await storeState(transaction, tables, before, run, completeness);
    return { run, endedRunNumber: isPaused ? null : runNumber };
  });
}

interface LastHolder extends LeaseHolder {
  /** Whether somebody asked it to cancel the run. */
  readonly isToCancel: boolean;
}

async function giveBack(transaction: SqlTransaction, tables: Tables, lease: RunLease): Promise<LastHolder> {
  const { rows } = await transaction.query<LastHolder>(
    `UPDATE ${tables.leases} lease SET expires_at = '-infinity'
    FROM ${tables.runs} run
    WHERE lease.credential_id = $1 AND lease.fence = $3 AND lease.expires_at > clock_timestamp()
      AND run.run_id = $2 AND run.run_number = lease.run_number AND run.company_id = lease.company_id
    RETURNING ${ownerColumns}, lease.cancel_requested_by IS NOT NULL AS "isToCancel",
      ${lowerIdleLimit("lease.lease_ms")}`,
    [lease.credentialId, lease.runId, lease.fence],
  );
  return rows[0] ?? lost(lease);
}
