import { describe, expect, test } from "vitest";
import { createFakeClock, type FakeClock } from "../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../__fixtures__/scripted-client.js";
import { pagesOf } from "../__fixtures__/scripted-pages.js";
import { ApiResponseError } from "../errors.js";
import { customers } from "../feeds/customers.js";
import { rowOf } from "../json/page-row.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import { type ExportReadOptions, readExport } from "./export-reader.js";
import { type FeedPage, unreadCursor } from "./feed-page.js";
import { fingerprintOf } from "./fingerprint.js";

const began = "2026-01-01T00:00:00.000Z";
const earlier = "2025-12-31T00:00:00.000Z";

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
    pages: pagesOf(client),
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

const rowsOf = (...ids: readonly number[]) => ids.map((id) => rowOf(JSON.stringify({ id })));

function pageBefore(token: string, id: number) {
  return { token, fingerprint: fingerprintOf(rowsOf(id)) };
}

const idsOf = (pages: readonly FeedPage[]) =>
  pages.flatMap((page) => page.rows.map(({ value }) => (value as { id: number }).id));

describe("following an export feed", () => {
  test("a feed that was never read is read from its beginning to its end, and the end is stored", async () => {
    const { pages, queries, client } = await readAll({ script: [answer([1], "a"), answer([2], "b", false)] });
    expect(client.sent[0]?.path).toBe("crm/v2/tenant/77/export/customers");
    expect(queries).toEqual([{}, { from: "a" }]);
    expect(idsOf(pages)).toEqual([1, 2]);
    expect(pages.map((page) => page.cursor)).toMatchObject([
      { ...unreadCursor, token: "a", pollBeganAt: began, pageBefore: pageBefore("a", 1) },
      { ...unreadCursor, token: "b", drainedAt: began, pageBefore: pageBefore("b", 2) },
    ]);
  });

  test("an interrupted poll continues with its original start time", async () => {
    const earlier = "2025-12-01T00:00:00.000Z";
    const { pages } = await readAll({
      script: [answer([2], "b", false)],
      cursor: { token: "a", pollBeganAt: earlier },
    });
    expect(pages.at(-1)?.cursor).toMatchObject({ token: "b", pollBeganAt: null, drainedAt: earlier });
  });

  test("a missing token in the last response keeps the previous one", async () => {
    const { pages } = await readAll({ script: [answer([], null, false)], cursor: { token: "a" } });
    expect(pages.at(-1)?.cursor?.token).toBe("a");
  });

  test("the recent changes follow the end, and no token of theirs is stored", async () => {
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
    "of a drained feed falls back to an hour before it was drained (%i)",
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

  test("of a feed whose stored end lies in the future skipped what changed until then", async () => {
    const clock = createFakeClock();
    const { queries } = await readAll({
      script: [refused(), answer([1], "b", false)],
      cursor: { token: "a", drainedAt: new Date(clock.now() + 24 * 3_600_000).toISOString() },
      clock,
    });
    expect(queries[1]).toEqual({ from: new Date(clock.now() - 3_600_000).toISOString() });
  });

  test("of a feed that does not exist does not blame the position", async () => {
    const opened = open({
      script: [refused(404), refused(404)],
      cursor: { token: "a", drainedAt: "2025-12-31T10:00:00.000Z" },
    });
    await expect(opened.pages.next()).rejects.toMatchObject({ status: 404 });
    expect(opened.warnings).toEqual([]);
  });

  test("of a feed that was never drained falls back to the beginning", async () => {
    const { queries } = await readAll({
      script: [refused(), answer([1], "b", false)],
      cursor: { token: "a", pollBeganAt: began },
    });
    expect(queries).toEqual([{ from: "a" }, {}]);
  });

  test("causes only one fallback", async () => {
    await expect(
      readAll({ script: [refused(), refused()], cursor: { token: "a", drainedAt: began } }),
    ).rejects.toMatchObject({ status: 400 });
  });

  test("cannot be blamed at the beginning, where there is no token: the feed fails", async () => {
    await expect(readAll({ script: [refused()] })).rejects.toMatchObject({ status: 400 });
  });

  test("is not assumed for other refusals, which fail the feed", async () => {
    await expect(readAll({ script: [refused(422)], cursor: { token: "a" } })).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe("an implausible response", () => {
  test("a token that does not advance is requested again, and the feed continues once it does", async () => {
    const { pages, queries } = await readAll({
      script: [answer([1], "a"), answer([2], "a"), answer([2], "a"), answer([2], "b", false)],
    });
    expect(idsOf(pages)).toEqual([1, 2]);
    expect(queries.map((query) => query["from"])).toEqual([undefined, "a", "a", "a"]);
  });

  test("a token that never advances fails the feed", async () => {
    const script = Array.from({ length: 7 }, (_, index) => answer([index], "a"));
    await expect(readAll({ script })).rejects.toThrow(/token does not advance/);
  });

  test("the previous page instead of the next one is requested again, although it carries the next token", async () => {
    const { pages, queries } = await readAll({
      script: [answer([1, 2], "a"), answer([1, 2], "b"), answer([3, 4], "b"), answer([], "b", false)],
    });
    expect(idsOf(pages)).toEqual([1, 2, 3, 4]);
    expect(queries.map((query) => query["from"])).toEqual([undefined, "a", "a", "b"]);
  });

  test("a reader that starts at a stored token knows the page before it", async () => {
    const first = await readAll({ script: [answer([1, 2], "a"), answer([3], "b", false)] });
    const cursor = first.pages[0]?.cursor ?? unreadCursor;
    const { pages } = await readAll({
      script: [answer([1, 2], "b", false), answer([3], "b", false)],
      cursor,
    });
    expect(idsOf(pages)).toEqual([3]);
  });

  test("the page before one token says nothing about what follows another", async () => {
    const { pages } = await readAll({
      script: [refused(), answer([1, 2], "b", false)],
      cursor: {
        token: "a",
        drainedAt: began,
        pageBefore: { token: "a", fingerprint: fingerprintOf(rowsOf(1, 2)) ?? "" },
      },
    });
    expect(idsOf(pages)).toEqual([1, 2]);
  });

  test("a page of one row that changed again at the same time was mistaken for the previous page and failed the feed", async () => {
    const rowAs = (name: string) => ({ id: 1, modifiedOn: "2026-01-01T00:00:00Z", name });
    const { pages } = await readAll({
      script: [
        { hasMore: true, continueFrom: "a", data: [rowAs("Ada")] },
        { hasMore: true, continueFrom: "b", data: [rowAs("Grace")] },
        answer([2], "c", false),
      ],
    });
    expect(idsOf(pages)).toEqual([1, 1, 2]);
  });

  test("repeated recent changes are accepted in the end: the API documents that they may repeat", async () => {
    const { pages } = await readAll({
      script: [
        answer([1], "a", false),
        answer([2], "r1"),
        answer([2], "r2", false),
        answer([2], "r2", false),
        answer([2], "r2", false),
      ],
      options: { recentChanges: true },
    });
    expect(idsOf(pages)).toEqual([1, 2, 2]);
  });

  test("a last page repeated under another token failed the feed forever", async () => {
    const script = Array.from({ length: 3 }, (_, index) => answer([1, 2], `b${index}`, false));
    const fingerprint = fingerprintOf(rowsOf(1, 2)) ?? "";
    const { pages } = await readAll({
      script,
      cursor: { token: "a", drainedAt: earlier, pageBefore: { token: "a", fingerprint } },
    });
    // Rows may have been due behind the token that was sent: neither it nor the time of the last sound end moves.
    expect(pages.map(({ cursor }) => cursor)).toMatchObject([
      { token: "a", drainedAt: earlier, pollBeganAt: null },
    ]);
  });

  test("tokens that form a cycle were followed endlessly", async () => {
    const script = Array.from({ length: 40 }, (_, index) => answer([index], index === 1 ? "c" : "b"));
    const opened = open({ script, cursor: { token: "start", drainedAt: earlier } });
    const cursors: unknown[] = [];
    const reading = async () => {
      for await (const page of opened.pages) cursors.push(page.cursor);
    };
    await expect(reading()).rejects.toThrow(/form a loop/);
    expect(opened.client.sent.length).toBeLessThan(12);
    expect(cursors.at(-1)).toMatchObject({ token: "start", drainedAt: earlier, pollBeganAt: null });
  });

  test("a cycle longer than a slice is detected, and left, by the slices together", async () => {
    const next: Record<string, string> = { start: "a", a: "b", b: "c", c: "d", d: "a" };
    let cursor: FeedCursor = { ...unreadCursor, token: "start", drainedAt: earlier };
    let failure: unknown = null;
    let slices = 0;
    for (; failure === null && slices < 40; slices += 1) {
      const script = Array.from({ length: 7 }, () => answer([slices], next[cursor.token ?? ""] ?? "a"));
      const { pages } = open({ script, cursor });
      try {
        const { value } = await pages.next();
        cursor = value?.cursor ?? cursor;
        if (slices > 1 && cursor.token === "start") await pages.next();
      } catch (error) {
        failure = error;
      }
      await pages.return();
    }
    expect(String(failure)).toMatch(/form a loop/);
    expect(cursor.token).toBe("start");
  });

  test("a cycle in a full pass leaves the pass at its beginning and the cursor where it was", async () => {
    const script = Array.from({ length: 40 }, (_, index) => answer([index], index === 1 ? "c" : "b"));
    const opened = open({
      script,
      cursor: { token: "old", drainedAt: earlier },
      options: { fullPassOf: { runId: "run-1", beganAt: began } },
    });
    let last: unknown = null;
    const reading = async () => {
      for await (const page of opened.pages) last = page.cursor;
    };
    await expect(reading()).rejects.toThrow(/form a loop/);
    expect(last).toMatchObject({ token: "old", fullPass: { token: null, drained: false } });
  });

  test("an empty page that announces more is requested again twice, then its token is followed", async () => {
    const { pages, queries } = await readAll({
      script: [answer([], "t1"), answer([], "t2"), answer([], "t3"), answer([1], "t4", false)],
    });
    expect(queries.map((query) => query["from"])).toEqual([undefined, undefined, undefined, "t3"]);
    expect(idsOf(pages)).toEqual([1]);
  });

  test("a feed that keeps announcing more without returning rows fails", async () => {
    const script = Array.from({ length: 600 }, (_, index) => answer([], `t${index}`));
    await expect(readAll({ script })).rejects.toThrow(/keeps claiming to have more but sends no rows/);
  });

  test("rows at the end under the token that was sent are requested again, then accepted", async () => {
    const { pages } = await readAll({
      script: Array.from({ length: 3 }, () => answer([1], "a", false)),
      cursor: { token: "a" },
    });
    expect(idsOf(pages)).toEqual([1]);
    expect(pages.at(-1)?.cursor?.token).toBe("a");
  });

  test("with another structure is requested again, and fails with the names of the wrong fields", async () => {
    const misshapen = { hasMore: "yes", data: null };
    const { pages } = await readAll({ script: [misshapen, [], answer([1], "a", false)] });
    expect(idsOf(pages)).toEqual([1]);
    await expect(readAll({ script: Array.from({ length: 6 }, () => misshapen) })).rejects.toThrow(
      /hasMore, data/,
    );
  });
});

describe("a full pass", () => {
  const pass = { options: { fullPassOf: { runId: "run-1", beganAt: began } } };

  test("reads from the beginning, then the recent changes, and leaves the cursor for the end", async () => {
    const { pages, queries } = await readAll({
      ...pass,
      script: [answer([1], "a"), answer([2], "b", false), answer([3], "r", false)],
      cursor: { token: "old", drainedAt: "2025-01-01T00:00:00.000Z" },
    });
    expect(queries).toEqual([{}, { from: "a" }, { from: "b", includeRecentChanges: "true" }]);
    expect(pages.map((page) => page.cursor && [page.cursor.token, page.cursor.fullPass])).toEqual([
      ["old", { runId: "run-1", beganAt: began, token: "a", drained: false }],
      ["b", { runId: "run-1", beganAt: began, token: "b", drained: false }],
      null,
      ["b", { runId: "run-1", beganAt: began, token: "b", drained: true }],
    ]);
  });

  test("that was interrupted continues where it stopped", async () => {
    const { queries, pages } = await readAll({
      ...pass,
      script: [answer([2], "b", false), answer([], "b", false)],
      cursor: { token: "old", fullPass: { runId: "run-1", beganAt: earlier, token: "a", drained: false } },
    });
    expect(queries[0]).toEqual({ from: "a" });
    expect(pages.at(-1)?.cursor?.fullPass).toMatchObject({ beganAt: earlier, drained: true });
  });

  test("of another run does not count", async () => {
    const { queries } = await readAll({
      ...pass,
      script: [answer([2], "b", false), answer([], "b", false)],
      cursor: { fullPass: { runId: "run-0", beganAt: began, token: "a", drained: false } },
    });
    expect(queries[0]).toEqual({});
  });

  test("that was completed by this run is followed by an ordinary poll", async () => {
    const { queries, pages } = await readAll({
      ...pass,
      script: [answer([2], "c", false)],
      cursor: { token: "b", fullPass: { runId: "run-1", beganAt: began, token: "b", drained: true } },
    });
    expect(queries).toEqual([{ from: "b" }]);
    expect(pages).toHaveLength(1);
  });

  test("whose position is refused starts again at the beginning, not at a date", async () => {
    const { queries } = await readAll({
      ...pass,
      script: [refused(), answer([1], "b", false), answer([], "b", false)],
      cursor: { drainedAt: began, fullPass: { runId: "run-1", beganAt: began, token: "a", drained: false } },
    });
    expect(queries.slice(0, 2)).toEqual([{ from: "a" }, {}]);
  });
});
