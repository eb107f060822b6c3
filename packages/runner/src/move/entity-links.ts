import { StorageError } from "@titan-sync/core";
import type { PoolClient } from "pg";

/** Link columns of an entity in PostgreSQL. */
export const linkColumns = ["link_0", "link_1", "link_2"] as const;

/** Says what an entity's link columns hold. */
export interface EntityLinks {
  /**
   * @param links - the ids that the entity names, by the name of the link, as JSON.
   * @throws `StorageError` when the feed has more links than there are columns.
   */
  columnsOf(feed: string, links: string): Promise<Readonly<Record<string, string | null>>>;
}

/** Gives each link of a feed a column when an entity first has it, in the open transaction, as a landing does. */
export async function openEntityLinks(client: PoolClient): Promise<EntityLinks> {
  const positions = new Map<string, string[]>();
  const { rows } = await client.query<{ feed: string; name: string; position: number }>(
    "SELECT feed, name, position FROM titan_sync.feed_links",
  );
  const namesOf = (feed: string): string[] => {
    const names = positions.get(feed) ?? [];
    positions.set(feed, names);
    return names;
  };
  for (const { feed, name, position } of rows) namesOf(feed)[position] = name;

  async function columnOf(feed: string, name: string): Promise<string> {
    const names = namesOf(feed);
    if (!names.includes(name)) {
      names.push(name);
      if (names.length > linkColumns.length) {
        throw new StorageError(
          `The feed ${feed} has more than ${linkColumns.length} links: ${names.join(", ")}.`,
        );
      }
      await client.query("INSERT INTO titan_sync.feed_links (feed, name, position) VALUES ($1, $2, $3)", [
        feed,
        name,
        names.length - 1,
      ]);
    }
    return `link_${names.indexOf(name)}`;
  }

  return {
    async columnsOf(feed, links) {
      const held: Record<string, string | null> = Object.fromEntries(linkColumns.map((name) => [name, null]));
      for (const [name, id] of Object.entries(JSON.parse(links) as Record<string, string>)) {
        held[await columnOf(feed, name)] = id;
      }
      return held;
    },
  };
}
