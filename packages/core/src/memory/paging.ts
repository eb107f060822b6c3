import { ValidationError } from "../errors.js";
import type { Page, PageRequest } from "../ports/page.js";

/** A cursor names its list and the place of the last item in it: rows that come or go move no page. */
export function encodeCursor(list: string, place: readonly string[]): string {
  return Buffer.from(JSON.stringify([list, ...place])).toString("base64url");
}

/**
 * The place after which a page begins; `null` begins with the first item.
 * @throws {@link ValidationError} when the cursor is not one of this list.
 */
export function decodeCursor(list: string, parts: number, page: PageRequest): readonly string[] | null {
  if (page.cursor === null || page.cursor === undefined) return null;
  const [name, ...place] = parse(page.cursor);
  if (name === list && place.length === parts) return place;
  throw new ValidationError("Invalid cursor: it is not one that this list returned.", [
    "cursor: expected the `next` of the previous page",
  ]);
}

function parse(cursor: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parsed) && parsed.every((part) => typeof part === "string") ? parsed : [];
  } catch {
    return [];
  }
}

/**
 * The first items as a page.
 * @throws {@link ValidationError} when the limit is not a whole number from 1.
 */
export function takePage<Item>(
  items: Iterable<Item>,
  limit: number,
  cursorOf: (item: Item) => string,
): Page<Item> {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new ValidationError("Invalid page limit.", [
      `limit: expected a whole number from 1, not ${JSON.stringify(limit)}`,
    ]);
  }
  const taken: Item[] = [];
  for (const item of items) {
    const last = taken.at(-1);
    if (taken.length === limit && last !== undefined) return { items: taken, next: cursorOf(last) };
    taken.push(item);
  }
  return { items: taken, next: null };
}

/** The first items, `limit` at most. */
export function take<Item>(items: Iterable<Item>, limit: number): readonly Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length === limit) break;
    taken.push(item);
  }
  return taken;
}
