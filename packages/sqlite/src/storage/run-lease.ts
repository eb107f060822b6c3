import type { LeaseRenewal, RunLease, Storage, StoredRun } from "@titan-sync/core";
import { expiresEarly } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { storeState } from "./credential-states.js";
import { finishRun } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { lost } from "./lease-holder.js";
import { readRun } from "./stored-run.js";

interface LastHolder {
  readonly runNumber: number;
  readonly cancelRequestedBy: string | null;
}

/** Extends a lease, before whatever else of this process waits for its turn. */
export async function renewLease(
  database: Database,
  { lease, leaseMs }: Parameters<Storage["renewLease"]>[0],
): Promise<LeaseRenewal> {
  return await database.transaction(
    (transaction) => {
      const now = database.now();
      const { runNumber, cancelRequestedBy } = setExpiry(transaction, lease, now, {
        leaseMs,
        expiresAt: now + leaseMs,
      });
      transaction.run("UPDATE runs SET updated_at = ?2 WHERE run_number = ?1", runNumber, now);
      return { cancelRequestedBy };
    },
    { urgent: true },
  );
}

/** Stores how a run ended, and gives its lease back. */
export async function endRun(
  database: Database,
  { lease, status, warnings, error, completeness = {}, handedOver = false }: Parameters<Storage["endRun"]>[0],
): Promise<StoredRun> {
  const { stored, endedRunNumber } = await database.transaction((transaction) => {
    const now = database.now();
    const { runNumber, cancelRequestedBy } = setExpiry(transaction, lease, now, {
      leaseMs: null,
      expiresAt: null,
    });
    const isPaused = status === "paused" && cancelRequestedBy === null;
    if (isPaused) {
      transaction.run(
        `UPDATE runs SET status = 'paused', warnings = ?2, error = ?3, handed_over = handed_over + ?5, updated_at = ?4
        WHERE run_number = ?1`,
        runNumber,
        JSON.stringify(warnings),
        error === null ? null : JSON.stringify(error),
        now,
        handedOver ? 1 : 0,
      );
    } else {
      const outcome = status === "paused" ? "cancelled" : status;
      finishRun(transaction, runNumber, outcome, { warnings, error, now });
    }
    transaction.run(
      "UPDATE credentials SET last_sync_at = ?2 WHERE credential_id = ?1",
      lease.credentialId,
      now,
    );
    const run = readRun(transaction, runNumber, now);
    if (expiresEarly(run)) transaction.run("UPDATE runs SET idle = 1 WHERE run_number = ?1", runNumber);
    storeState(transaction, run, completeness);
    return { stored: run, endedRunNumber: isPaused ? null : runNumber };
  });
  // The run has ended even if this fails: pruning deletes what is left.
  if (endedRunNumber !== null) await forgetSeenOf(database, endedRunNumber).catch(() => undefined);
  return stored;
}

/** Sets when a live lease ends; `null` releases it, or does not change its length. */
export function setExpiry(
  statements: Statements,
  lease: RunLease,
  now: number,
  { leaseMs, expiresAt }: { readonly leaseMs: number | null; readonly expiresAt: number | null },
): LastHolder {
  const holder = statements.get<LastHolder>(
    `UPDATE leases SET lease_ms = coalesce(?5, lease_ms), expires_at = ?6
    WHERE credential_id = ?1 AND fence = ?3 AND expires_at > ?4
      AND run_number = (SELECT run_number FROM runs WHERE run_id = ?2)
    RETURNING run_number AS runNumber, cancel_requested_by AS cancelRequestedBy`,
    lease.credentialId,
    lease.runId,
    lease.fence,
    now,
    leaseMs,
    expiresAt,
  );
  return holder ?? lost(lease);
}
