import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { asNumber } from "../database/values.js";

/** Seen ids that one transaction deletes. */
const idsAtOnce = 10_000;

/**
 * Takes away what an ended run had seen, in steps: a large tenant's full pass has seen millions of ids, which no single
 * statement has to delete in time.
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
  const { query, tables } = database;
  const { rows } = await query<{ runNumber: number }>(
    `WITH RECURSIVE seen (run_number) AS (
      (SELECT run_number FROM ${tables.seen_entities} ORDER BY run_number LIMIT 1)
      UNION ALL
      SELECT (
        SELECT next.run_number FROM ${tables.seen_entities} next
        WHERE next.run_number > seen.run_number ORDER BY next.run_number LIMIT 1
      ) FROM seen WHERE seen.run_number IS NOT NULL
    )
    SELECT ${asNumber("run.run_number")} AS "runNumber"
    FROM seen JOIN ${tables.runs} run USING (run_number) WHERE run.completed_at IS NOT NULL LIMIT 1`,
    [],
  );
  return rows[0] === undefined ? 0 : await deleteSeen(database, rows[0].runNumber, limit);
}

async function deleteSeen({ query, tables }: Database, runNumber: number, limit: number): Promise<number> {
  const { rowCount } = await query(
    `DELETE FROM ${tables.seen_entities} WHERE run_number = $1 AND (feed, entity_id) IN (
      SELECT feed, entity_id FROM ${tables.seen_entities} WHERE run_number = $1 LIMIT $2
    )`,
    [runNumber, limit],
  );
  return rowCount;
}
