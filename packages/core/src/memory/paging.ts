import { rowsWanted, toPage } from "../paging/page-cursor.js";
import type { Page, PageRequest } from "../ports/page.js";

/**
 * The first items of a list as a page.
 * @throws {@link ValidationError} when the limit is not a whole number from 1.
 */
export function takePage<Item>(
  list: string,
  items: Iterable<Item>,
  page: PageRequest,
  place: (item: Item) => readonly string[],
): Page<Item> {
  return toPage(list, take(items, rowsWanted(page)), page, { item: (item) => item, place });
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
