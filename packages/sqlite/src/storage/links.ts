import { type FeedName, type NewEntity, StorageError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** What an entity names, by the name of the link; links that name nothing are left out. */
export type Links = Readonly<Record<string, string>>;

/** The links of an entity, as the same text whenever they are the same. */
export function linksText(links: NewEntity["links"]): string {
  const given = Object.entries(links).filter(([, id]) => id !== null);
  return JSON.stringify(Object.fromEntries(given.sort(([left], [right]) => (left < right ? -1 : 1))));
}

export function parseLinks(text: string): Links {
  return JSON.parse(text) as Links;
}

/** The number of a feed's link; `null` for one by which nothing was ever named. */
export function findLink(
  statements: Statements,
  scopeId: number | null,
  feed: FeedName,
  name: string,
): number | null {
  const row = statements.get<{ link: number }>(
    "SELECT link_number AS link FROM feed_links WHERE scope_id = ?1 AND feed = ?2 AND name = ?3",
    scopeId,
    feed,
    name,
  );
  return row?.link ?? null;
}

/** Keeps the links of a feed's entities, so that they are found by what they name. */
export class LinkWriter {
  readonly #statements: Statements;
  readonly #scopeId: number;
  readonly #feed: FeedName;
  readonly #numbers = new Map<string, number>();

  constructor(statements: Statements, scopeId: number, feed: FeedName) {
    this.#statements = statements;
    this.#scopeId = scopeId;
    this.#feed = feed;
  }

  /** Changes the links of an entity. */
  replace(id: string, before: Links, after: Links): void {
    for (const [name, target] of Object.entries(before)) {
      if (after[name] !== target) this.#statements.run(removal, this.#numberOf(name), target, id);
    }
    for (const [name, target] of Object.entries(after)) {
      if (before[name] !== target) this.#statements.run(addition, this.#numberOf(name), target, id);
    }
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#statements.run(
      "INSERT INTO feed_links (scope_id, feed, name) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
      this.#scopeId,
      this.#feed,
      name,
    );
    const number = findLink(this.#statements, this.#scopeId, this.#feed, name);
    if (number === null) throw new StorageError("A new link was not kept.");
    this.#numbers.set(name, number);
    return number;
  }
}

const addition = `INSERT INTO entity_links (link_number, target_id, entity_id) VALUES (?1, ?2, ?3)
  ON CONFLICT DO NOTHING`;
const removal = "DELETE FROM entity_links WHERE link_number = ?1 AND target_id = ?2 AND entity_id = ?3";
