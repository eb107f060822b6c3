import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../__fixtures__/scripted-client.js";
import { pagesOf } from "../__fixtures__/scripted-pages.js";
import { defineFeed } from "../feeds/feed.js";
import { id } from "../feeds/fields.js";
import { invoices } from "../feeds/invoices.js";
import { zones } from "../feeds/zones.js";
import { type FeedPage, unreadCursor } from "./feed-page.js";
import { type ListReadOptions, readList } from "./list-reader.js";

/** One whose list is not sorted. */
const unsorted = defineFeed({
  name: "job-types",
  module: "jpm",
  path: "job-types",
  reader: "list",
  scope: "tn.jpm.jobtypes:r",
  schema: z.object({ id }),
  fields: { always: "id name", sometimes: "" },
});

async function readAll(script: readonly unknown[], options: Partial<ListReadOptions> = {}) {
  const client = createScriptedClient(script);
  const pages: FeedPage[] = [];
  const warnings: { readonly code: string }[] = [];
  const reader = readList({
    pages: pagesOf(client),
    feed: zones,
    tenantId: "77",
    cursor: unreadCursor,
    fullPassOf: null,
    isWhole: true,
    pageSize: 1000,
    clock: createFakeClock(),
    signal: new AbortController().signal,
    warn: (warning) => void warnings.push(warning),
    ...options,
  });
  for await (const page of reader) pages.push(page);
  return { pages, warnings, queries: client.sent.map((request) => request.query), client };
}

function page(ids: readonly number[], totalCount: number | null, hasMore: boolean, number?: number) {
  const numbered = number === undefined ? {} : { page: number };
  return { ...numbered, pageSize: 1000, hasMore, totalCount, data: ids.map((id) => ({ id })) };
}

const idsOf = (pages: readonly FeedPage[]) =>
  pages.flatMap((each) => each.rows.map(({ value }) => (value as { id: number }).id));

describe("reading a list", () => {
  test("requests every page, inactive rows included, in the order of ids", async () => {
    const { pages, queries, client } = await readAll([page([1, 2], 3, true), page([3], 3, false)]);
    expect(client.sent[0]?.path).toBe("dispatch/v2/tenant/77/zones");
    expect(queries.map((query) => query["page"])).toEqual(["1", "2"]);
    expect(queries[0]).toEqual({
      active: "Any",
      sort: "+Id",
      page: "1",
      pageSize: "1000",
      includeTotal: "true",
    });
    expect(idsOf(pages)).toEqual([1, 2, 3]);
    expect(pages.slice(0, 2).map((each) => each.total)).toEqual([3, 3]);
  });

  test("requests no order from a list that cannot be sorted", async () => {
    const { queries } = await readAll([page([], 0, false)], { feed: unsorted });
    expect(queries[0]).not.toHaveProperty("sort");
  });

  test("stores a complete reading in the cursor of its last page", async () => {
    const { pages } = await readAll([page([1], 2, true), page([2], 2, false)]);
    expect(pages.map((each) => each.cursor)).toEqual([
      null,
      { ...unreadCursor, drainedAt: "2026-01-01T00:00:00.000Z" },
    ]);
  });

  test("a range leaves the cursor alone and adds its filters to the feed's", async () => {
    const { pages, queries } = await readAll([page([1], 1, false)], {
      feed: invoices,
      isWhole: false,
      query: { invoicedOnOrAfter: "2026-01-01T00:00:00.000Z" },
    });
    expect(pages[0]?.cursor).toBeNull();
    expect(queries[0]).toMatchObject({ activeState: "All", invoicedOnOrAfter: "2026-01-01T00:00:00.000Z" });
  });

  test("is not affected by rows added at the end", async () => {
    const { pages, queries } = await readAll([
      page([1, 2], 4, true),
      page([3, 4], 5, true),
      page([1, 2], 5, true),
      page([5], 5, false),
    ]);
    expect(queries.map((query) => query["page"])).toEqual(["1", "2", "1", "3"]);
    expect(idsOf(pages)).toEqual([1, 2, 3, 4, 5]);
  });

  test("a list that grows at its end with every answer is read to its end", async () => {
    const { pages } = await readAll([
      page([1, 2], 4, true),
      page([3, 4], 5, true),
      page([1, 2], 6, true),
      page([5, 6], 7, true),
      page([3, 4], 8, true),
      page([7, 8], 9, true),
      page([5, 6], 10, true),
      page([9, 10], 10, false),
    ]);
    expect(idsOf(pages)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("misses no row that moves to the previous page because another one was removed", async () => {
    const { pages } = await readAll([
      page([1, 2], 5, true),
      // 1 has gone, and 3 has moved to the first page.
      page([4, 5], 4, false),
      page([2, 3], 4, true),
      page([4, 5], 4, false),
    ]);
    expect(new Set(idsOf(pages))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(pages.filter((each) => each.cursor !== null)).toHaveLength(1);
  });

  test("goes back until the pages overlap if more than a page of rows was removed", async () => {
    const { pages, queries } = await readAll([
      page([1, 2], 8, true),
      page([3, 4], 8, true),
      page([7, 8], 6, true),
      page([5, 6], 5, true),
      page([4, 5], 5, true),
      page([6, 7], 5, true),
      page([8], 5, false),
    ]);
    expect(queries.map((query) => query["page"])).toEqual(["1", "2", "3", "2", "1", "2", "3"]);
    expect(new Set(idsOf(pages))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  test("continues where an earlier reading stopped, and reads its last page again", async () => {
    const first = await readAll([page([1, 2], 5, true), page([3, 4], 5, true), page([5], 5, false)]);
    const place = first.pages[1]?.place ?? null;
    const next = await readAll([page([3, 4], 5, true), page([5], 5, false)], { place });
    expect(next.queries.map((query) => query["page"])).toEqual(["2", "3"]);
    expect(idsOf(next.pages)).toEqual([5]);
    expect(next.pages.at(-1)?.place).toMatchObject({ done: true });
    const done = await readAll([], { place: next.pages.at(-1)?.place ?? null });
    expect(done.queries).toEqual([]);
  });

  test("continues with rows that moved to pages already read", async () => {
    const first = await readAll([page([1, 2], 5, true), page([3, 4], 5, true), page([5], 5, false)]);
    const place = first.pages[1]?.place ?? null;
    const { pages, queries } = await readAll(
      [page([5], 3, false), page([3, 4], 3, true), page([5], 3, false)],
      {
        place,
      },
    );
    expect(queries.map((query) => query["page"])).toEqual(["2", "1", "2"]);
    expect(idsOf(pages)).toEqual([5]);
  });

  test("reads an unordered list again if its total changes", async () => {
    const { queries } = await readAll(
      [page([2, 1], 3, true), page([4], 4, false), page([2, 1], 4, true), page([4, 3], 4, false)],
      { feed: unsorted },
    );
    expect(queries.map((query) => query["page"])).toEqual(["1", "2", "1", "2"]);
  });

  test("reads the list again if there are fewer rows than the total, which means that one was skipped", async () => {
    const { pages, queries, warnings } = await readAll([page([1, 2], 3, false), page([1, 2, 3], 3, false)]);
    expect(queries).toHaveLength(2);
    expect(new Set(idsOf(pages))).toEqual(new Set([1, 2, 3]));
    expect(warnings).toEqual([]);
  });

  test("a total that counts rows which are never returned is considered wrong once it repeats, with one warning", async () => {
    const { pages, queries, warnings } = await readAll([page([1], 2, false), page([1], 2, false)]);
    expect(queries).toHaveLength(2);
    expect(pages.at(-1)?.cursor).toMatchObject({ drainedAt: "2026-01-01T00:00:00.000Z" });
    expect(warnings).toMatchObject([{ code: "TOTAL_NOT_GIVEN" }]);
  });

  test("accepts at once, without another warning, a total that is wrong by the same number as before", async () => {
    const first = await readAll([page([1], 2, false), page([1], 2, false)]);
    const cursor = first.pages.at(-1)?.cursor ?? unreadCursor;
    const again = await readAll([page([1, 3], 3, false)], { cursor });
    expect(again.queries).toHaveLength(1);
    expect(again.warnings).toEqual([]);
    expect(again.pages.at(-1)?.cursor).toMatchObject({ rowsNotGiven: 1 });

    const worse = await readAll([page([1], 3, false), page([1], 3, false)], { cursor });
    expect(worse.queries).toHaveLength(2);
    expect(worse.warnings).toMatchObject([{ code: "TOTAL_NOT_GIVEN" }]);
    const right = await readAll([page([1, 2], 2, false)], { cursor });
    expect(right.pages.at(-1)?.cursor?.rowsNotGiven).toBeUndefined();
  });

  test("fails a list that differs each time, after five readings", async () => {
    const script = [5, 6, 7, 8, 9].map((total) => page([1], total, false));
    await expect(readAll(script)).rejects.toThrow(/changed during each of 5 attempts/);
  });

  test("an empty page that announces more is requested again, and finally fails the list", async () => {
    const { pages } = await readAll([page([], 2, true), page([1, 2], 2, false)]);
    expect(idsOf(pages)).toEqual([1, 2]);
    await expect(readAll(Array.from({ length: 6 }, () => page([], 5, true)))).rejects.toThrow(
      /sends no rows/,
    );
  });

  test("requests a page again if another one arrives instead", async () => {
    const { pages } = await readAll([
      page([1, 2], 3, true, 1),
      page([1, 2], 3, true, 1),
      page([3], 3, false, 2),
    ]);
    expect(idsOf(pages)).toEqual([1, 2, 3]);
  });

  test("requests a page again if it repeats the rows of the previous one", async () => {
    const { pages, queries } = await readAll([
      page([1, 2], 4, true, 1),
      page([1, 2], 4, false, 2),
      page([3, 4], 4, false, 2),
    ]);
    expect(queries.map((query) => query["page"])).toEqual(["1", "2", "2"]);
    expect(idsOf(pages)).toEqual([1, 2, 3, 4]);
  });

  test("does so in an unordered list only if the page is identical to the previous one", async () => {
    const { pages } = await readAll([page([2, 1], 4, true), page([2, 1], 4, false), page([4, 1], 4, false)], {
      feed: unsorted,
    });
    expect(idsOf(pages)).toEqual([2, 1, 4, 1]);
  });

  test("accepts rows that repeat because others were added, which the total shows", async () => {
    const { pages } = await readAll([page([1, 3], 3, true), page([3, 4], 4, false)]);
    expect(new Set(idsOf(pages))).toEqual(new Set([1, 3, 4]));
  });

  test("reads a list without a total once", async () => {
    const { queries } = await readAll([page([1], null, true), page([2], null, false)]);
    expect(queries).toHaveLength(2);
  });

  test("marks the whole list as seen in a full pass", async () => {
    const beganAt = "2026-01-01T00:00:00.000Z";
    const { pages } = await readAll([page([1], 1, false)], { fullPassOf: { runId: "run-1", beganAt } });
    expect(pages.at(-1)?.cursor?.fullPass).toEqual({ runId: "run-1", beganAt, token: null, drained: true });
  });
});
