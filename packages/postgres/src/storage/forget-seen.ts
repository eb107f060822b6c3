import type { Database } from "../database/database.js";

/** Ids of what a run had seen that one transaction takes away. */
const idsAtOnce = 10_000;

/**
 * Takes away what an ended run had seen, in steps: a large tenant's full pass has seen millions of ids, which no single
 * statement has to delete in time.
 */
export async function forgetSeenOf({ query, tables }: Database, runNumber: number): Promise<void> {
  for (let taken = idsAtOnce; taken === idsAtOnce; ) {
    const { rowCount } = await query(
      `DELETE FROM ${tables.seen_entities} WHERE run_number = $1 AND (feed, entity_id) IN (
        SELECT feed, entity_id FROM ${tables.seen_entities} WHERE run_number = $1 LIMIT ${idsAtOnce}
      )`,
      [runNumber],
    );
    taken = rowCount;
  }
}
