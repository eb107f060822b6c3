import { describe, expect, test } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import type { BackfillWindow } from "../ports/feed-cursor.js";
import { feeds } from "../records/definitions/definitions.js";
import { unreadCursor } from "./feed-page.js";
import type { PageSource } from "./page-source.js";
import { readWindow } from "./window-reader.js";

const pageSize = 10;
const whole: BackfillWindow = { from: null, to: "2026-01-01T00:00:00.000Z", rows: 95 };

/** A list of 95 rows whose answers come in the order of the questions; `onQuestion` may change it before each. */
function createList(
  onQuestion: (list: { ids: number[]; asked: readonly number[]; total: () => number }) => void,
) {
  const asked: number[] = [];
  const list = {
    ids: Array.from({ length: 95 }, (_, index) => index + 1),
    asked,
    total: () => list.ids.length,
  };
  const pages: Pick<PageSource, "get"> = {
    async get({ query }) {
      const page = Number((query as Readonly<Record<string, string>>)["page"]);
      asked.push(page);
      onQuestion(list);
      const data = list.ids.slice((page - 1) * pageSize, page * pageSize).map((id) => ({ id }));
      const rows = data.map((value) => ({ value, text: JSON.stringify(value) }));
      const envelope = { rows, totalCount: list.total(), hasMore: false, page };
      return { envelope: envelope as never, serverTime: 0, release: () => undefined };
    },
  };
  return { list, pages };
}

/** Reads until so many pages have come. @returns the ids that came, and how far the window is read. */
async function read(pages: Pick<PageSource, "get">, window: BackfillWindow, maxPages = 1000) {
  const ids = new Set<number>();
  let moved = window;
  let left = maxPages;
  const options = {
    pages: pages as PageSource,
    feed: feeds.customers,
    tenantId: "7",
    cursor: unreadCursor,
    fullPassOf: null,
    clock: createFakeClock(),
    signal: new AbortController().signal,
    warn: () => undefined,
  };
  const sizes = { pageSize, minRows: 1, windowRows: 100, pagesAtOnce: 4 };
  for await (const page of readWindow(options, window, whole.to, sizes)) {
    for (const { value } of page.rows) ids.add((value as { readonly id: number }).id);
    moved = page.window ?? moved;
    left -= 1;
    if (left === 0) break;
  }
  return { ids, window: moved };
}

describe("a window of a first load", () => {
  test("is read once if nothing changes, the last page first", async () => {
    const { list, pages } = createList(() => undefined);
    const { ids, window } = await read(pages, whole);
    expect(ids.size).toBe(95);
    expect(list.asked).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(window).toMatchObject({ left: 0 });
  });

  test("continues page by page, in any number of slices, and requests no page that has landed", async () => {
    const { list, pages } = createList(() => undefined);
    const ids = new Set<number>();
    let window = whole;
    let slices = 0;
    for (; window.left !== 0 && slices < 50; slices += 1) {
      const slice = await read(pages, window, 1);
      for (const id of slice.ids) ids.add(id);
      window = slice.window;
    }
    expect(slices).toBe(10);
    expect(ids.size).toBe(95);
    expect(list.asked.length).toBeLessThanOrEqual(10 * 4);
  });

  test.each([1, 2, 3, 4])(
    "returns every remaining row, although others leave it between slices of %i pages",
    async (maxPages) => {
      for (let place = 0; place < 60; place += 7) {
        const { list, pages } = createList(() => undefined);
        const ids = new Set<number>();
        let window = whole;
        for (let slices = 0; window.left !== 0 && slices < 50; slices += 1) {
          const slice = await read(pages, window, maxPages);
          for (const id of slice.ids) ids.add(id);
          window = slice.window;
          list.ids.splice(place, 1);
        }
        expect(list.ids.filter((id) => !ids.has(id))).toEqual([]);
      }
    },
  );

  test("returns every remaining row, although others leave it between requests for its pages", async () => {
    for (let every = 1; every <= 5; every += 1) {
      for (let place = 0; place < 80; place += 9) {
        const { list, pages } = createList(({ ids, asked }) => {
          if (asked.length % every === 0) ids.splice(place, 1);
        });
        const { ids } = await read(pages, whole);
        expect(list.ids.filter((id) => !ids.has(id))).toEqual([]);
      }
    }
  });

  test("returns every remaining row, although its pages arrived in another order", async () => {
    for (let place = 0; place < 80; place += 9) {
      // The page that is asked for third shows an older state than those behind it.
      const { list, pages } = createList(() => undefined);
      const before = [...list.ids];
      list.ids.splice(place, 1);
      const late: Pick<PageSource, "get"> = {
        async get(question) {
          if (list.asked.length !== 2) return await pages.get(question);
          const now = list.ids;
          list.ids = before;
          const answer = await pages.get(question);
          list.ids = now;
          return answer;
        },
      };
      const { ids } = await read(late, whole);
      expect(list.asked.length).toBeGreaterThan(10);
      expect(list.ids.filter((id) => !ids.has(id))).toEqual([]);
    }
  });

  test("is abandoned once a page has not matched in five readings, in any number of slices", async () => {
    const { list, pages } = createList(() => undefined);
    list.total = () => 96;
    await expect(read(pages, whole)).rejects.toThrow("was not read completely in 5 attempts");
    let window = whole;
    for (let slices = 0; slices < 5; slices += 1) ({ window } = await read(pages, window, 1));
    await expect(read(pages, window, 1)).rejects.toThrow("was not read completely in 5 attempts");
  });

  test("is abandoned if rows repeat unchanged: something has entered it", async () => {
    const { pages } = createList(({ ids, asked }) => {
      ids.shift();
      ids.push(1000 + asked.length);
    });
    const all = await read(pages, whole).catch((error: unknown) => error);
    expect(all).toMatchObject({ message: expect.stringContaining("was not read completely") });
  });
});
