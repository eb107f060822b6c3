import type { Feed } from "../feeds/feed.js";

/** The query parameters of one page of a list: inactive rows included, counted, in the feed's order. */
export function listQuery(
  feed: Feed,
  page: { readonly number: number; readonly size: number },
  filters: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    ...feed.listQuery,
    ...filters,
    ...(feed.listSort === null ? {} : { sort: feed.listSort }),
    page: String(page.number),
    pageSize: String(page.size),
    includeTotal: "true",
  };
}
