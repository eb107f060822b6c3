import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../__fixtures__/scripted-client.js";
import { pagesOf } from "../__fixtures__/scripted-pages.js";
import { createByteBudget } from "../async/byte-budget.js";
import { ApiResponseError } from "../errors.js";
import type { ApiAnswer, ApiClient } from "../http/api-client.js";
import { parseWithRows } from "../json/parse-with-rows.js";
import type { RunWarning } from "../ports/sync-run.js";
import { parseList } from "./envelopes.js";
import { createPageSource } from "./page-source.js";

const refused = (fields: readonly string[], title = "One or more validation errors occurred.") =>
  new ApiResponseError(`GET p: 400 ${title}`, { status: 400, requestId: null, retryable: false, fields });
const page = (number: number) => ({ hasMore: true, page: number, totalCount: 9000, data: [{ id: number }] });

function open(script: readonly unknown[]) {
  const client = createScriptedClient(script);
  const source = pagesOf(client);
  const { signal } = new AbortController();
  const get = (number: number, isFixedSize = false) =>
    source.get({
      path: "p",
      query: { page: String(number), pageSize: "1000" },
      parse: parseList,
      judge: () => undefined,
      signal,
      isFixedSize,
    });
  const sizes = () => client.sent.map(({ query }) => `${query["page"]}: ${query["pageSize"]}`);
  return { get, sizes };
}

describe("a page source", () => {
  it("gave up on a list whose page size was refused, although smaller ones are allowed", async () => {
    const { get, sizes } = open([refused(["pageSize"]), refused(["PageSize"]), page(1), page(2)]);
    await get(1);
    await get(2);
    expect(sizes()).toEqual(["1: 1000", "1: 500", "1: 200", "2: 200"]);
  });

  it("recognizes a refused page size by the problem's title, too", async () => {
    const { get, sizes } = open([refused([], "The page size must be at most 500."), page(1)]);
    await get(1);
    expect(sizes()).toEqual(["1: 1000", "1: 500"]);
  });

  it("does not change the size after the first page: that would be another position in the list", async () => {
    const { get } = open([page(1), refused(["pageSize"])]);
    await get(1);
    await expect(get(2)).rejects.toThrow("400");
  });

  it("does not change a size that the request depends on, nor for another refusal", async () => {
    await expect(open([refused(["pageSize"])]).get(1, true)).rejects.toThrow("400");
    await expect(open([refused(["sort"])]).get(1)).rejects.toThrow("400");
  });

  it("gives up if even small pages are refused", async () => {
    const { get, sizes } = open(Array.from({ length: 5 }, () => refused(["pageSize"])));
    await expect(get(1)).rejects.toThrow("400");
    expect(sizes()).toEqual(["1: 1000", "1: 500", "1: 200", "1: 100", "1: 50"]);
  });
});

describe("pages of unknown size", () => {
  const { signal } = new AbortController();
  const question = { path: "p", query: {}, parse: parseList, judge: () => undefined, signal };

  /** A client whose answers are given by the test. */
  function openByHand(maxBytes: number) {
    const scripted = createScriptedClient([]);
    const asked: PromiseWithResolvers<ApiAnswer>[] = [];
    const get: ApiClient["get"] = async (...[, , { accept }]) => {
      const one = Promise.withResolvers<ApiAnswer>();
      asked.push(one);
      const answer = await one.promise;
      accept?.(answer);
      return answer;
    };
    const budget = createByteBudget(maxBytes);
    const source = createPageSource({ client: { ...scripted, get }, budget, clock: createFakeClock() });
    const answer = (bytes: number): ApiAnswer => ({
      ...parseWithRows(Buffer.from(JSON.stringify(page(1))), "data"),
      serverTime: null,
      bytes,
    });
    return { asked, source, answer, budget };
  }

  it("were all asked for at once, and took many times the memory allowed", async () => {
    const { asked, source, answer, budget } = openByHand(16_000_000);
    const pages = Array.from({ length: 9 }, () => source.get(question));
    await setImmediate();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(answer(4_000_000));
    await setImmediate();
    expect(asked).toHaveLength(4);
    expect(budget.inFlight()).toBe(16_000_000);
    (await pages[0])?.release();
    await setImmediate();
    expect(asked).toHaveLength(5);
    for (const pending of pages.slice(1)) pending.catch(() => undefined);
  });

  it("counted as little as the short last page, which a parallel reading asks for first", async () => {
    const { asked, source, answer, budget } = openByHand(16_000_000);
    const sized = { ...question, query: { page: "9", pageSize: "1000" }, isFixedSize: true };
    const pages = Array.from({ length: 9 }, () => source.get(sized));
    await setImmediate();
    // One row.
    asked[0]?.resolve(answer(3000));
    (await pages[0])?.release();
    await setImmediate();
    expect(budget.inFlight()).toBe(15_000_000);
    expect(asked).toHaveLength(1 + 5);
    for (const pending of pages.slice(1)) pending.catch(() => undefined);
  });

  it("do not count as the whole budget because of one large row on a short page", async () => {
    const { asked, source, answer } = openByHand(16_000_000);
    const sized = { ...question, query: { page: "9", pageSize: "1000" }, isFixedSize: true };
    const pages = Array.from({ length: 9 }, () => source.get(sized));
    await setImmediate();
    asked[0]?.resolve(answer(100_000));
    (await pages[0])?.release();
    await setImmediate();
    expect(asked).toHaveLength(1 + 4);
    for (const pending of pages.slice(1)) pending.catch(() => undefined);
  });

  it("do not wait forever when the first one fails", async () => {
    const { asked, source, answer } = openByHand(16_000_000);
    const one = source.get(question);
    const other = source.get(question);
    await setImmediate();
    asked[0]?.reject(new Error("cut off"));
    await expect(one).rejects.toThrow("cut off");
    await setImmediate();
    asked[1]?.resolve(answer(1));
    expect((await other).envelope.page).toBe(1);
  });
});

describe("the time of a response", () => {
  const now = createFakeClock().now();
  const hour = 3_600_000;

  async function timeOf(serverTime: number | null) {
    const warnings: RunWarning[] = [];
    const source = createPageSource({
      client: createScriptedClient([page(1), page(1)], serverTime),
      budget: createByteBudget(1000),
      clock: createFakeClock(),
      warn: (warning) => warnings.push(warning),
    });
    const { signal } = new AbortController();
    const question = { path: "p", query: {}, parse: parseList, judge: () => undefined, signal };
    (await source.get(question)).release();
    const answer = await source.get(question);
    return { time: answer.serverTime, warnings };
  }

  it("was trusted even if it was ahead of our own", async () => {
    const { time, warnings } = await timeOf(now + 24 * hour);
    expect(time).toBe(now);
    expect(warnings).toEqual([
      { code: "CLOCK_DIFFERS", message: expect.stringContaining("24 h ahead of"), count: null },
    ]);
  });

  it("is used if it is the earlier one, and is reported only beyond the margin", async () => {
    expect(await timeOf(now - 2 * hour)).toMatchObject({ time: now - 2 * hour, warnings: [{ count: null }] });
    expect(await timeOf(now - 60_000)).toEqual({ time: now - 60_000, warnings: [] });
    expect(await timeOf(now + 60_000)).toEqual({ time: now, warnings: [] });
  });

  it("lies well before our own when there is none: our clock may be ahead of the server's", async () => {
    expect(await timeOf(null)).toEqual({ time: now - 0.75 * hour, warnings: [] });
  });

  it("was taken from the end of a slow answer, whose rows were looked up at its beginning", async () => {
    const clock = createFakeClock();
    const client = createScriptedClient([page(1)], now + 30_000);
    const slow: ApiClient = {
      ...client,
      async get(...question) {
        await clock.advance(30_000);
        return await client.get(...question);
      },
    };
    const source = createPageSource({ client: slow, budget: createByteBudget(1000), clock });
    const { signal } = new AbortController();
    const answer = await source.get({
      path: "p",
      query: {},
      parse: parseList,
      judge: () => undefined,
      signal,
    });
    expect(answer.serverTime).toBe(now);
  });
});
