import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { finishRun } from "./finish-run.js";

/** The condition that nobody works on a run, or has since. Parameters: the time, now. */
const isAbandoned = `run.completed_at IS NULL AND run.updated_at < ?1 AND NOT EXISTS (
  SELECT 1 FROM leases lease WHERE lease.credential_id = run.credential_id AND lease.expires_at > ?2
)`;

/** Ends runs that nobody has worked on since, each in its own transaction. @returns how many they were. */
export async function endAbandonedRuns(
  database: Database,
  { before, limit }: Parameters<Storage["endAbandonedRuns"]>[0],
): Promise<number> {
  const runs = await database.read((statements) =>
    statements.all<{ runNumber: number }>(
      `SELECT run.run_number AS runNumber FROM runs run INDEXED BY runs_current
      WHERE ${isAbandoned} ORDER BY run.run_number LIMIT ?3`,
      before,
      database.now(),
      limit,
    ),
  );
  let ended = 0;
  for (const { runNumber } of runs) if (await endRun(database, runNumber, before)) ended += 1;
  return ended;
}

/** @returns whether it was ended: it may have been continued meanwhile. */
async function endRun(database: Database, runNumber: number, before: number): Promise<boolean> {
  return await database.transaction((transaction) => {
    const now = database.now();
    const found = transaction.get(
      `SELECT 1 AS found FROM runs run WHERE ${isAbandoned} AND run.run_number = ?3`,
      before,
      now,
      runNumber,
    );
    if (found === undefined) return false;
    finishRun(transaction, runNumber, "cancelled", { warnings: null, error: null, now });
    return true;
  });
}
