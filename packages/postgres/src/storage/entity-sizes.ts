import type { EntitySize, FeedName, Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { entityIdArray } from "../database/entity-ids.js";
import type { FeedLinks, LinkColumns } from "./feed-links.js";
import { rowsById, rowsByLink } from "./landed-rows.js";
import { scopeValues } from "./scope.js";

interface SizeRow extends LinkColumns {
  readonly id: string;
  readonly bytes: number;
}

const columns = {
  stored: "payload_bytes, link_0, link_1, link_2",
  given: "payload_bytes AS bytes, link_0::text AS link0, link_1::text AS link1, link_2::text AS link2",
};

export async function entitySizes(
  database: Database,
  feedLinks: FeedLinks,
  { scope, feed, ids }: Parameters<Storage["findEntitySizes"]>[0],
): Promise<readonly EntitySize[]> {
  const { query, tables } = database;
  const { rows } = await query<SizeRow>(rowsById(tables, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return await toSizes(database, feedLinks, feed, rows);
}

export async function entitySizesByLink(
  database: Database,
  feedLinks: FeedLinks,
  { scope, feed, link, ids }: Parameters<Storage["findEntitySizesByLink"]>[0],
): Promise<readonly EntitySize[]> {
  const { query, tables } = database;
  const column = await feedLinks.columnOf(database, feed, link);
  if (column === null) return [];
  const { rows } = await query<SizeRow>(rowsByLink(tables, column, columns), [
    ...scopeValues(scope),
    feed,
    entityIdArray(ids),
  ]);
  return await toSizes(database, feedLinks, feed, rows);
}

async function toSizes(
  database: Database,
  feedLinks: FeedLinks,
  feed: FeedName,
  rows: readonly SizeRow[],
): Promise<readonly EntitySize[]> {
  const links = await feedLinks.namedIn(database, feed, rows);
  return rows.map(({ id, bytes }, index) => ({ id, bytes, links: links[index] ?? {} }));
}
