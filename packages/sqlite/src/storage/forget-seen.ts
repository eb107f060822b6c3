import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";

/** Seen ids that one transaction deletes. */
const idsAtOnce = 10_000;

/**
 * Takes away what an ended run had seen, in steps: a large tenant's full pass has seen millions of ids, for which nobody
 * should have to wait.
 */
export async function forgetSeenOf(database: Database, runNumber: number): Promise<void> {
  for (let taken = idsAtOnce; taken === idsAtOnce; ) {
    taken = await deleteSeen(database, runNumber, idsAtOnce);
  }
}

/** Takes away ids of one run that has ended: a run that continues needs all of them. */
export async function pruneSeenIds(
  database: Database,
  { limit }: Parameters<Storage["pruneSeenIds"]>[0],
): Promise<number> {
  const ended = await database.read((statements) =>
    statements.get<{ runNumber: number }>(
      `WITH RECURSIVE seen (run_number) AS (
        SELECT min(run_number) FROM seen_entities
        UNION ALL
        SELECT (SELECT min(next.run_number) FROM seen_entities next WHERE next.run_number > seen.run_number)
        FROM seen WHERE seen.run_number IS NOT NULL
      )
      SELECT run.run_number AS runNumber FROM seen CROSS JOIN runs run ON run.run_number = seen.run_number
      WHERE run.completed_at IS NOT NULL LIMIT 1`,
    ),
  );
  return ended === undefined ? 0 : await deleteSeen(database, ended.runNumber, limit);
}

async function deleteSeen(database: Database, runNumber: number, limit: number): Promise<number> {
  return await database.transaction((transaction) =>
    transaction.run(
      `DELETE FROM seen_entities WHERE run_number = ?1 AND (feed, entity_id) IN (
        SELECT feed, entity_id FROM seen_entities WHERE run_number = ?1 LIMIT ?2
      )`,
      runNumber,
      limit,
    ),
  );
}
