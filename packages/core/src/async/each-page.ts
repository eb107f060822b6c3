import type { Page, PageRequest } from "../ports/page.js";
import { throwIfAborted } from "./aborted.js";

/** How to read a list to its end. */
export interface EachOptions {
  /** Items requested, and held in memory, at once. @defaultValue 100 */
  readonly pageSize?: number | undefined;
  /** Ends the reading with an {@link AbortedError}, or with the error of this library that it was aborted with. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads a list page by page. Items added or removed meanwhile may be missing. */
export type ListPage<Item> = (page: PageRequest) => Promise<Page<Item>>;

/**
 * The pages of a list up to its end, each requested when it is needed; empty ones are left out.
 *
 * @example
 * for await (const runs of eachPage((page) => titan.runs.list({ companyId }, page))) show(runs);
 */
export async function* eachPage<Item>(
  list: ListPage<Item>,
  { pageSize = 100, signal }: EachOptions = {},
): AsyncGenerator<readonly Item[], void, undefined> {
  let cursor: string | null = null;
  do {
    if (signal !== undefined) throwIfAborted(signal);
    const page: Page<Item> = await list({ limit: pageSize, cursor });
    if (page.items.length > 0) yield page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/** The items of a list up to its end, as {@link eachPage} reads it. The signal is looked at before each item. */
export async function* eachItem<Item>(
  list: ListPage<Item>,
  options: EachOptions = {},
): AsyncGenerator<Item, void, undefined> {
  for await (const items of eachPage(list, options)) {
    for (const item of items) {
      if (options.signal !== undefined) throwIfAborted(options.signal);
      yield item;
    }
  }
}
