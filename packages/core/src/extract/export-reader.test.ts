import { describe, expect, test } from "vitest";
import { createFakeClock, type FakeClock } from "../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../__fixtures__/scripted-client.js";
import { ApiResponseError } from "../errors.js";
import { customers } from "../feeds/customers.js";
import type { FeedCursor } from "../ports/sync-store.js";
import { type ExportReadOptions, readExport } from "./export-reader.js";
import { type FeedPage, unreadCursor } from "./feed-page.js";

const began = "2026-01-01T00:00:00.000Z";

function answer(ids: readonly number[], continueFrom: string | null, hasMore = true) {
  return { hasMore, continueFrom, data: ids.map((id) => ({ id })) };
}

function refused(status = 400) {
  return new ApiResponseError("refused", { status, requestId: null, retryable: false });
}

interface Reading {
  readonly script: readonly unknown[];
  readonly cursor?: Partial<FeedCursor>;
  readonly options?: Partial<ExportReadOptions>;
  readonly clock?: FakeClock;
}

function open({ script, cursor = {}, options = {}, clock = createFakeClock() }: Reading) {
  const client = createScriptedClient(script);
  const warnings: string[] = [];
  const pages = readExport({
    client,
    feed: customers,
    tenantId: "77",
    cursor: { ...unreadCursor, ...cursor },
    fullPassOf: null,
    recentChanges: false,
    clock,
    signal: new AbortController().signal,
    warn: (warning) => warnings.push(warning.code),
    ...options,
  });
  return { client, pages, warnings, clock };
}

async function readAll(reading: Reading) {
  const opened = open(reading);
  const pages: FeedPage[] = [];
  for await (const page of opened.pages) pages.push(page);
  return { ...opened, pages, queries: opened.client.sent.map((request) => request.query) };
}

const idsOf = (pages: readonly FeedPage[]) =>
  pages.flatMap((page) => page.rows.map((row) => (row as { id: number }).id));

describe("following an export feed", () => {
  test("a feed that was never read is read from its beginning to its end, and the end is noted", async () => {
    const { pages, queries, client } = await readAll({ script: [answer([1], "a"), answer([2], "b", false)] });
    expect(client.sent[0]?.path).toBe("crm/v2/tenant/77/export/customers");
    expect(queries).toEqual([{}, { from: "a" }]);
    expect(idsOf(pages)).toEqual([1, 2]);
    expect(pages.map((page) => page.cursor)).toEqual([
      { ...unreadCursor, token: "a", pollBeganAt: began },
      { ...unreadCursor, token: "b", drainedAt: began },
    ]);
  });

  test("a poll that was cut off goes on under the time at which it began", async () => {
    const earlier = "2025-12-01T00:00:00.000Z";
    const { pages } = await readAll({
      script: [answer([2], "b", false)],
      cursor: { token: "a", pollBeganAt: earlier },
    });
    expect(pages.at(-1)?.cursor).toMatchObject({ token: "b", pollBeganAt: null, drainedAt: earlier });
  });

  test("the last answer's missing token keeps the one before", async () => {
    const { pages } = await readAll({ script: [answer([], null, false)], cursor: { token: "a" } });
    expect(pages.at(-1)?.cursor?.token).toBe("a");
  });

  test("the recent changes come after the end and keep no token", async () => {
    const { pages, queries } = await readAll({
      script: [answer([1], "a", false), answer([2], "r1"), answer([3], "r2", false)],
      options: { recentChanges: true },
    });
    expect(queries).toEqual([
      {},
      { from: "a", includeRecentChanges: "true" },
      { from: "r1", includeRecentChanges: "true" },
    ]);
    expect(idsOf(pages)).toEqual([1, 2, 3]);
    expect(pages.map((page) => page.cursor?.token ?? null)).toEqual(["a", null, null]);
  });
});

describe("a refused token", () => {
  test.each([400, 404, 410])(
    "of a feed that was drained falls back to an hour before that (%i)",
    async (status) => {
      const { queries, warnings, pages } = await readAll({
        script: [refused(status), answer([1], "b", false)],
        cursor: { token: "a", drainedAt: "2025-12-31T10:00:00.000Z" },
      });
      expect(queries).toEqual([{ from: "a" }, { from: "2025-12-31T09:00:00.000Z" }]);
      expect(warnings).toEqual(["TOKEN_REFUSED"]);
      expect(pages.at(-1)?.cursor?.token).toBe("b");
    },
  );

  test("of a feed that was never drained falls back to the beginning", async () => {
    const { queries } = await readAll({
      script: [refused(), answer([1], "b", false)],
      cursor: { token: "a", pollBeganAt: began },
    });
    expect(queries).toEqual([{ from: "a" }, {}]);
  });

  test("is fallen back from only once", async () => {
    await expect(
      readAll({ script: [refused(), refused()], cursor: { token: "a", drainedAt: began } }),
    ).rejects.toMatchObject({ status: 400 });
  });

  test("at the beginning is no token: the feed fails", async () => {
    await expect(readAll({ script: [refused()] })).rejects.toMatchObject({ status: 400 });
  });

  test("other refusals are the feed's own failure", async () => {
    await expect(readAll({ script: [refused(422)], cursor: { token: "a" } })).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe("a feed that cannot be followed", () => {
  test("a token that does not advance is asked again, and the feed goes on once it does", async () => {
    const clock = createFakeClock();
    const reading = readAll({
      script: [answer([1], "a"), answer([1], "a"), answer([1], "a"), answer([2], "b", false)],
      clock,
    });
    await clock.advance(3000);
    const { pages } = await reading;
    expect(idsOf(pages)).toEqual([1, 2]);
    expect(clock.sleeps).toEqual([1000, 2000]);
  });

  test("a token that never advances fails the feed after four answers", async () => {
    const clock = createFakeClock();
    const reading = readAll({ script: Array.from({ length: 5 }, () => answer([1], "a")), clock });
    const expectation = expect(reading).rejects.toThrow(/token does not advance/);
    await clock.advance(10_000);
    await expectation;
  });

  test("a feed that claims more without rows for ever fails", async () => {
    const script = Array.from({ length: 30 }, (_, index) => answer([], `t${index}`));
    await expect(readAll({ script })).rejects.toThrow(/without rows/);
  });

  test("an answer of another shape fails with the fields that are wrong", async () => {
    await expect(readAll({ script: [{ hasMore: "yes", data: null }] })).rejects.toThrow(/hasMore, data/);
  });
});

describe("a full pass", () => {
  const pass = { options: { fullPassOf: "run-1" } };

  test("reads from the beginning, then the recent changes, and leaves the cursor for the end", async () => {
    const { pages, queries } = await readAll({
      ...pass,
      script: [answer([1], "a"), answer([2], "b", false), answer([3], "r", false)],
      cursor: { token: "old", drainedAt: "2025-01-01T00:00:00.000Z" },
    });
    expect(queries).toEqual([{}, { from: "a" }, { from: "b", includeRecentChanges: "true" }]);
    expect(pages.map((page) => page.cursor && [page.cursor.token, page.cursor.fullPass])).toEqual([
      ["old", { runId: "run-1", token: "a", drained: false }],
      ["b", { runId: "run-1", token: "b", drained: false }],
      null,
      ["b", { runId: "run-1", token: "b", drained: true }],
    ]);
  });

  test("that was cut off goes on where it stood", async () => {
    const { queries } = await readAll({
      ...pass,
      script: [answer([2], "b", false), answer([], "b", false)],
      cursor: { token: "old", fullPass: { runId: "run-1", token: "a", drained: false } },
    });
    expect(queries[0]).toEqual({ from: "a" });
  });

  test("of another run does not count", async () => {
    const { queries } = await readAll({
      ...pass,
      script: [answer([2], "b", false), answer([], "b", false)],
      cursor: { fullPass: { runId: "run-0", token: "a", drained: false } },
    });
    expect(queries[0]).toEqual({});
  });

  test("that was completed by this run is followed by an ordinary poll", async () => {
    const { queries, pages } = await readAll({
      ...pass,
      script: [answer([2], "c", false)],
      cursor: { token: "b", fullPass: { runId: "run-1", token: "b", drained: true } },
    });
    expect(queries).toEqual([{ from: "b" }]);
    expect(pages).toHaveLength(1);
  });

  test("whose position is refused begins again at the beginning, not at a date", async () => {
    const { queries } = await readAll({
      ...pass,
      script: [refused(), answer([1], "b", false), answer([], "b", false)],
      cursor: { drainedAt: began, fullPass: { runId: "run-1", token: "a", drained: false } },
    });
    expect(queries.slice(0, 2)).toEqual([{ from: "a" }, {}]);
  });
});
