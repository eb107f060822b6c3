import type { FeedCursor, FeedName } from "@titan-sync/core";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { assignLinks, feedLinksSql, type LinkPositions, parsePositions } from "./feed-links.js";
import type { LeaseHolder } from "./lease-holder.js";

/**
 * Lets no other transaction change entities of the feed until this one ends: what an entity referred to before
 * is then what the statement that changes it saw. Saves the cursor with it, `null` leaves it as it is.
 *
 * @param links - names of links; new ones are given their columns.
 * @returns the columns of all links of the feed.
 */
export async function lockFeed(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  feed: FeedName,
  cursor: FeedCursor | null,
  links: ReadonlySet<string>,
): Promise<LinkPositions> {
  const { rows } = await transaction.query<{ links: string | null }>(
    `INSERT INTO ${tables.cursors} AS known (scope_id, company_id, feed, cursor) VALUES ($1, $2, $3, $4::json)
    ON CONFLICT (scope_id, feed) DO UPDATE
    SET cursor = coalesce(excluded.cursor, known.cursor), updated_at = clock_timestamp()
    RETURNING ${feedLinksSql(tables, "$3")} AS links`,
    [scopeId, companyId, feed, cursor === null ? null : JSON.stringify(cursor)],
  );
  return await assignLinks(transaction, tables, feed, parsePositions(rows[0]?.links), links);
}
