import { type FeedName, type LandParams, type LinkIds, StorageError, type Touch } from "@titan-sync/core";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";

/** How many links of a feed there are columns for. */
export const linkColumnCount = 3;

/** Where each link of a feed is kept, by name: the number of its column. */
export type LinkPositions = ReadonlyMap<string, number>;

/** A row's link columns. */
export interface LinkColumns {
  readonly link0: string | null;
  readonly link1: string | null;
  readonly link2: string | null;
}

/** "links" as a number: every assignment of columns to links waits for the same lock, whatever the schema. */
const lockKey = 0x6c69_6e6b;

/** The positions that {@link feedLinksSql} gives. */
export function parsePositions(text: string | null | undefined): LinkPositions {
  return new Map(Object.entries(JSON.parse(text ?? "{}") as Record<string, number>));
}

/** SQL for the positions of a feed's links as text; null without any. */
export function feedLinksSql(tables: Tables, feed: string): string {
  return `(SELECT json_object_agg(link.name, link.position)::text FROM ${tables.feed_links} link WHERE link.feed = ${feed})`;
}

async function readPositions(
  { query }: SqlTransaction,
  tables: Tables,
  feed: FeedName,
): Promise<LinkPositions> {
  const { rows } = await query<{ links: string | null }>(`SELECT ${feedLinksSql(tables, "$1")} AS links`, [
    feed,
  ]);
  return parsePositions(rows[0]?.links);
}

/**
 * Gives links that a landing or a sweep is the first to name their columns. What is given stays, for every process and
 * however the feed's links are ordered by then.
 *
 * @param known - the positions that were read in this transaction.
 * @throws {@link StorageError} when the feed has had more links than there are columns.
 */
export async function assignLinks(
  transaction: SqlTransaction,
  tables: Tables,
  feed: FeedName,
  known: LinkPositions,
  names: ReadonlySet<string>,
): Promise<LinkPositions> {
  if ([...names].every((name) => known.has(name))) return known;
  // One at a time: the positions read now stay complete until this transaction ends.
  await transaction.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
  const current = await readPositions(transaction, tables, feed);
  const added = [...names].filter((name) => !current.has(name));
  const all = new Map([...current, ...added.map((name, index) => [name, current.size + index] as const)]);
  if (all.size > linkColumnCount) throw tooManyLinks(feed, [...all.keys()]);
  await transaction.query(
    `INSERT INTO ${tables.feed_links} (feed, name, position)
    SELECT $1, link.name, $3 + link.place - 1 FROM unnest($2::text[]) WITH ORDINALITY link (name, place)`,
    [feed, added, current.size],
  );
  return all;
}

/** The names of the links that a landing or a sweep is about. */
export function linkNamesIn(
  entities: LandParams["entities"],
  touches: readonly Touch[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { link } of touches) if (link !== null) names.add(link);
  for (const { links } of entities) for (const name in links) names.add(name);
  return names;
}

/**
 * The columns of links, for those who read. A link keeps its column, so that one that was read once is known. Links of
 * a transaction that is still open are never read: it may be undone.
 */
export class FeedLinks {
  readonly #tables: Tables;
  readonly #known = new Map<FeedName, LinkPositions>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The column that keeps a link; `null` for one that no landed entity of the feed has ever had. */
  async columnOf(reader: SqlTransaction, feed: FeedName, link: string): Promise<string | null> {
    const position = this.#known.get(feed)?.get(link) ?? (await this.#read(reader, feed)).get(link);
    return position === undefined ? null : `link_${position}`;
  }

  /**
   * What rows of a feed refer to, by name.
   * @param rows - read before this call: the names of their links are there by now, whoever landed them.
   */
  async namedIn(
    reader: SqlTransaction,
    feed: FeedName,
    rows: readonly LinkColumns[],
  ): Promise<readonly LinkIds[]> {
    const known = this.#known.get(feed) ?? (await this.#read(reader, feed));
    const named = rows.map((row) => nameLinks(row, known));
    if (!named.includes(null)) return named as readonly LinkIds[];
    const current = await this.#read(reader, feed);
    return rows.map((row) => {
      const links = nameLinks(row, current);
      if (links === null) throw unnamedLink(feed);
      return links;
    });
  }

  async #read(reader: SqlTransaction, feed: FeedName): Promise<LinkPositions> {
    const positions = await readPositions(reader, this.#tables, feed);
    this.#known.set(feed, positions);
    return positions;
  }
}

/** `null` when a column is in use that has no name here. */
function nameLinks({ link0, link1, link2 }: LinkColumns, positions: LinkPositions): LinkIds | null {
  const columns = [link0, link1, link2];
  const links: Record<string, string | null> = {};
  for (const [name, position] of positions) links[name] = columns[position] ?? null;
  return columns.some((id, position) => id !== null && position >= positions.size) ? null : links;
}

function tooManyLinks(feed: FeedName, names: readonly string[]): StorageError {
  return new StorageError(
    `The feed ${feed} has ${names.length} links (${names.join(", ")}); PostgreSQL keeps ${linkColumnCount} for each feed.`,
    {
      retryable: false,
      hint: "Leave a link out of the feed's definition. Links that it had before count: their columns keep what was landed.",
    },
  );
}

function unnamedLink(feed: FeedName): StorageError {
  return new StorageError(`The table feed_links does not name all links of the feed ${feed}.`, {
    retryable: false,
    hint: "Nothing takes rows away from this table. Restore it from a backup of the same database.",
  });
}
