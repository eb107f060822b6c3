import { ValidationError } from "../errors.js";
import type { Page, PageRequest } from "../ports/page.js";

/** Where a page begins: behind this place; `null` begins with the first item. */
export type Place = readonly string[] | null;

/**
 * Reads a cursor, which names its list and the place of the last item before: rows that come or go move no page.
 * @throws `ValidationError` when it is not one of this list.
 */
export function decodeCursor(list: string, parts: number, { cursor }: PageRequest): Place {
  if (cursor === null || cursor === undefined) return null;
  const [name, ...place] = parse(cursor);
  if (name === list && place.length === parts) return place;
  throw new ValidationError("Invalid cursor: it is not one that this list returned.", [
    "cursor: expected the `next` of the previous page",
  ]);
}

/** {@link decodeCursor} of a list whose places are whole numbers. */
export function decodeNumberCursor(list: string, parts: number, page: PageRequest): Place {
  const place = decodeCursor(list, parts, page);
  // Fifteen digits are as many as any time or number has here, and all that a column can be compared with.
  if (place === null || place.every((part) => /^\d{1,15}$/.test(part))) return place;
  return decodeCursor(list, parts, { ...page, cursor: "" });
}

/**
 * How many rows to ask for: one more than the page holds shows whether there is another page.
 * @throws `ValidationError` when the limit is not a whole number from 1.
 */
export function rowsWanted({ limit }: PageRequest): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit + 1;
  throw new ValidationError("Invalid page limit.", [
    `limit: expected a whole number from 1, not ${JSON.stringify(limit)}`,
  ]);
}

/** Cuts the rows that were asked for into a page. */
export function toPage<Row, Item>(
  list: string,
  rows: readonly Row[],
  { limit }: PageRequest,
  read: { readonly item: (row: Row) => Item; readonly place: (row: Row) => readonly string[] },
): Page<Item> {
  const taken = rows.slice(0, limit);
  const last = taken.at(-1);
  const next = rows.length > limit && last !== undefined ? encodeCursor(list, read.place(last)) : null;
  return { items: taken.map(read.item), next };
}

function encodeCursor(list: string, place: readonly string[]): string {
  return Buffer.from(JSON.stringify([list, ...place])).toString("base64url");
}

function parse(cursor: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parsed) && parsed.every(isText) ? parsed : [];
  } catch {
    return [];
  }
}

/** PostgreSQL takes no text with a zero character, and no list has one in its places. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}
