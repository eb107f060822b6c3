import type { FeedName, NewEntity } from "@titan-sync/core";
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

/** Keeps the links of an entity, so that it is found by what it names. */
export function replaceLinks(
  statements: Statements,
  scopeId: number,
  feed: FeedName,
  id: string,
  before: Links,
  after: Links,
): void {
  for (const [link, target] of Object.entries(before)) {
    if (after[link] !== target) change(statements, removal, scopeId, feed, link, target, id);
  }
  for (const [link, target] of Object.entries(after)) {
    if (before[link] !== target) change(statements, addition, scopeId, feed, link, target, id);
  }
}

const addition = `INSERT INTO entity_links (scope_id, feed, link, target_id, entity_id)
  VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`;
const removal = `DELETE FROM entity_links
  WHERE scope_id = ?1 AND feed = ?2 AND link = ?3 AND target_id = ?4 AND entity_id = ?5`;

function change(statements: Statements, text: string, scopeId: number, ...rest: readonly string[]): void {
  statements.run(text, scopeId, ...rest);
}
