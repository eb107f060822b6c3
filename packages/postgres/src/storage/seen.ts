import type { FeedName, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { type LeaseHolder, lockLease } from "./lease-holder.js";

/** Records that the run has seen these ids. Ids that no entity can have are not needed later. */
export async function markSeen(
  transaction: SqlTransaction,
  tables: Tables,
  { runNumber, companyId }: LeaseHolder,
  feed: FeedName,
  ids: readonly string[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO ${tables.seen_entities} (run_number, company_id, feed, entity_id)
    SELECT $1::bigint, $2, $3, entity_id FROM unnest($4::bigint[]) entity_id ORDER BY entity_id
    ON CONFLICT DO NOTHING`,
    [runNumber, companyId, feed, entityIdArray(ids)],
  );
}

/** Forgets which ids of a feed a run has seen. */
export async function forgetSeen(
  database: Database,
  { lease, scope, feed }: Parameters<Storage["forgetSeenIds"]>[0],
): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    const { runNumber } = await lockLease(transaction, tables, lease, scope);
    await transaction.query(`DELETE FROM ${tables.seen_entities} WHERE run_number = $1 AND feed = $2`, [
      runNumber,
      feed,
    ]);
  });
}

/**
 * The condition that a run has seen the feed's entity of a row. `OFFSET 0` keeps it a lookup for each row: of a run
 * that continues there are no statistics that a join could be planned by.
 * @param run - parameter of the run's number.
 */
export function isSeen(tables: Tables, row: string, run: string): string {
  return `EXISTS (
    SELECT FROM ${tables.seen_entities} seen
    WHERE seen.run_number = ${run} AND seen.feed = ${row}.feed AND seen.entity_id = ${row}.entity_id
      AND seen.company_id = ${row}.company_id
    OFFSET 0
  )`;
}
