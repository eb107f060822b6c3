import type { Storage, StoredRun } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { storeState } from "./credential-states.js";
import { finishRun } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { type RunRow, readRun, selectRuns, toStoredRun } from "./stored-run.js";

/** The longest lost first. */
export async function listLostRuns(
  database: Database,
  { limit }: Parameters<Storage["listLostRuns"]>[0],
): Promise<readonly StoredRun[]> {
  const now = database.now();
  const lost = `SELECT run.* FROM runs run INDEXED BY runs_current
    LEFT JOIN leases lease ON lease.run_number = run.run_number
    WHERE run.completed_at IS NULL AND run.status = 'running' AND coalesce(lease.expires_at, 0) <= ?1
    ORDER BY lease.expires_at, run.run_number LIMIT ?2`;
  const rows = await database.read((statements) =>
    statements.all<RunRow>(`${selectRuns(`(${lost})`)} ORDER BY ownedUntil, run.run_number`, now, limit),
  );
  return rows.map((row) => toStoredRun(row, now));
}

/** Ends a run whose worker is gone, unless somebody continues it. */
export async function endLostRun(
  database: Database,
  { runId, error }: Parameters<Storage["endLostRun"]>[0],
): Promise<StoredRun | null> {
  const ended = await database.transaction((transaction) => {
    const now = database.now();
    const lost = transaction.get<{ runNumber: number; cancelRequestedBy: string | null }>(
      `SELECT run.run_number AS runNumber, lease.cancel_requested_by AS cancelRequestedBy
      FROM runs run LEFT JOIN leases lease ON lease.run_number = run.run_number
      WHERE run.run_id = ?1 AND run.status = 'running' AND coalesce(lease.expires_at, 0) <= ?2`,
      runId,
      now,
    );
    if (lost === undefined) return null;
    const { runNumber, cancelRequestedBy } = lost;
    if (cancelRequestedBy !== null)
      finishRun(transaction, runNumber, "cancelled", { warnings: null, error: null, now });
    else finishRun(transaction, runNumber, "failed", { warnings: null, error, now });
    const run = readRun(transaction, runNumber, now);
    storeState(transaction, run, {});
    return { run, runNumber };
  });
  if (ended === null) return null;
  // The run has ended even if this fails: pruning deletes what is left.
  await forgetSeenOf(database, ended.runNumber).catch(() => undefined);
  return ended.run;
}
