import { StorageError } from "@titan-sync/core";
import type { MoveOut } from "@titan-sync/sqlite";
import type { PoolClient } from "pg";

/** Which of PostgreSQL's link columns holds a link, by feed and the link's name. */
export type LinkPositions = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Link columns of an entity in PostgreSQL. */
const columns = 3;

/** Gives each link of a landed feed a column, once for all. */
export async function assignLinkPositions(source: MoveOut, client: PoolClient): Promise<LinkPositions> {
  const names = await source.read<{ feed: string; link: string }>(
    "SELECT DISTINCT feed, name AS link FROM feed_links ORDER BY feed, name",
  );
  for (const { feed, link } of names) {
    await client.query(
      `INSERT INTO titan_sync.feed_links (feed, name, position)
      SELECT $1::text, $2::text, (SELECT count(*) FROM titan_sync.feed_links WHERE feed = $1::text)
      WHERE NOT EXISTS (SELECT FROM titan_sync.feed_links WHERE feed = $1::text AND name = $2::text)`,
      [feed, link],
    );
  }
  const { rows } = await client.query<{ feed: string; name: string; position: number }>(
    "SELECT feed, name, position FROM titan_sync.feed_links",
  );
  const positions = new Map<string, Map<string, number>>();
  for (const { feed, name, position } of rows) {
    const known = positions.get(feed) ?? new Map<string, number>();
    positions.set(feed, known.set(name, position));
  }
  return positions;
}

/** What an entity's link columns hold. */
export function linkColumns(
  feed: string,
  links: string,
  positions: LinkPositions,
): readonly (string | null)[] {
  const held = new Array<string | null>(columns).fill(null);
  for (const [name, id] of Object.entries(JSON.parse(links) as Record<string, string>)) {
    const position = positions.get(feed)?.get(name);
    if (position === undefined) {
      throw new StorageError(`The link ${name} of the feed ${feed} has no column in PostgreSQL.`);
    }
    held[position] = id;
  }
  return held;
}
