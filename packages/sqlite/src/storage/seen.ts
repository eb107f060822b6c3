import type { FeedName, Storage } from "@titan-sync/core";
import { isEntityId } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";

/** Notes that the run has seen these ids. Those that no entity can have are of no use later. */
export function markSeen(
  statements: Statements,
  { runNumber }: LeaseHolder,
  feed: FeedName,
  ids: readonly string[],
): void {
  for (const id of ids) {
    if (!isEntityId(id)) continue;
    statements.run(
      "INSERT INTO seen_entities (run_number, feed, entity_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
      runNumber,
      feed,
      id,
    );
  }
}

/** Whether a run has seen an entity. */
export function isSeen(statements: Statements, runNumber: number, feed: FeedName, id: string): boolean {
  const row = statements.get(
    "SELECT 1 AS found FROM seen_entities WHERE run_number = ?1 AND feed = ?2 AND entity_id = ?3",
    runNumber,
    feed,
    id,
  );
  return row !== undefined;
}

/**
 * The condition that a run has seen the entity of a row.
 * @param run - parameter of the run's number.
 * @param feed - parameter of the feed.
 */
export function wasSeen(row: string, run: string, feed: string): string {
  return `EXISTS (
    SELECT 1 FROM seen_entities seen
    WHERE seen.run_number = ${run} AND seen.feed = ${feed} AND seen.entity_id = ${row}.entity_id
  )`;
}

/** Forgets which ids of a feed a run has seen. */
export async function forgetSeenIds(
  database: Database,
  { lease, scope, feed }: Parameters<Storage["forgetSeenIds"]>[0],
): Promise<void> {
  await database.transaction((transaction) => {
    const { runNumber } = requireLease(transaction, lease, scope, database.now());
    transaction.run("DELETE FROM seen_entities WHERE run_number = ?1 AND feed = ?2", runNumber, feed);
  });
}
