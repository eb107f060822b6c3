import { isOwned, type NamedIds, namedBy, namedByRaw } from "../../feeds/customer-links.js";
import type { Feed } from "../../feeds/feed.js";
import { parseExactly } from "../../json/parse-exactly.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import type { CheckedRows, SoundRow } from "../../quality/structure-check.js";
import type { SuppressedRows } from "../../suppressions/suppressed-rows.js";

/** A page's rows without those of suppressed customers. */
export interface KeptRows {
  readonly sound: readonly SoundRow[];
  readonly rejections: readonly NewRejection[];
  /** Ids of the dropped rows, one for each. */
  readonly suppressed: readonly string[];
}

/**
 * Drops the rows of customers who are on the suppression list: those that name one by any link, and those that name
 * no customer but were erased with one, or hang on an entity that was.
 */
export function dropSuppressed(
  feed: Feed,
  { sound, rejections }: Pick<CheckedRows, "sound" | "rejections">,
  list: SuppressedRows,
): KeptRows {
  if (list.isEmpty || !isOwned(feed)) return { sound, rejections, suppressed: [] };
  const suppressed: string[] = [];
  const isKept = (id: string, named: NamedIds): boolean => {
    if (!isSuppressed(feed, id, named, list)) return true;
    suppressed.push(id);
    return false;
  };
  return {
    sound: sound.filter(({ id, links }) => isKept(id, namedBy(feed, id, links))),
    rejections: rejections.filter(({ entityId, payload }) =>
      isKept(entityId, namedByRaw(feed, entityId, payload === null ? null : parseExactly(payload))),
    ),
    suppressed,
  };
}

function isSuppressed(feed: Feed, id: string, { links, customers }: NamedIds, list: SuppressedRows): boolean {
  if (customers.length > 0) return customers.some((customer) => list.has("customers", customer));
  const targets = feed.links.map((link) => ({ feed: link.feed, id: links[link.name] ?? null }));
  return [{ feed: feed.name, id }, ...targets].some(
    (named) => named.id !== null && list.has(named.feed, named.id),
  );
}
