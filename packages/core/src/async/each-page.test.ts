import { describe, expect, it } from "vitest";
import { AbortedError, LeaseLostError } from "../errors.js";
import type { PageRequest } from "../ports/page.js";
import { eachItem, eachPage } from "./each-page.js";

function listOf(pages: readonly (readonly number[])[]) {
  const asked: PageRequest[] = [];
  const list = async (request: PageRequest) => {
    asked.push(request);
    const index = Number(request.cursor ?? 0);
    const next = index + 1 < pages.length ? String(index + 1) : null;
    return { items: pages[index] ?? [], next };
  };
  return { list, asked };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe("a list read to its end", () => {
  it("is requested page by page, each with the cursor of the previous page", async () => {
    const { list, asked } = listOf([[1, 2], [3]]);
    expect(await collect(eachItem(list, { pageSize: 2 }))).toEqual([1, 2, 3]);
    expect(asked).toEqual([
      { limit: 2, cursor: null },
      { limit: 2, cursor: "1" },
    ]);
  });

  it("skips an empty page and continues", async () => {
    const { list } = listOf([[1], [], [2]]);
    expect(await collect(eachPage(list))).toEqual([[1], [2]]);
  });

  it("requests no page that nobody needs", async () => {
    const { list, asked } = listOf([[1], [2], [3]]);
    for await (const item of eachItem(list)) if (item === 2) break;
    expect(asked).toHaveLength(2);
  });

  it("ends between two items, and before a page, when it is aborted", async () => {
    const { list, asked } = listOf([[1, 2], [3]]);
    const stop = new AbortController();
    const items = eachItem(list, { signal: stop.signal });
    expect(await items.next()).toEqual({ done: false, value: 1 });
    stop.abort();
    await expect(items.next()).rejects.toBeInstanceOf(AbortedError);
    await expect(collect(eachPage(list, { signal: stop.signal }))).rejects.toBeInstanceOf(AbortedError);
    expect(asked).toHaveLength(1);
  });

  it("ends with this library's error if it is aborted with one", async () => {
    const lost = new LeaseLostError("The lease is gone.");
    const { list } = listOf([[1]]);
    await expect(collect(eachItem(list, { signal: AbortSignal.abort(lost) }))).rejects.toBe(lost);
  });

  it("fails with the list's error", async () => {
    const broken = new Error("The storage does not answer.");
    await expect(collect(eachItem(() => Promise.reject(broken)))).rejects.toBe(broken);
  });
});
