import { describe, expect, test, vi } from "vitest";
import { createByteBudget } from "../../async/byte-budget.js";
import { plainRows } from "../../extract/__fixtures__/plain-rows.js";
import { createReadingWorld } from "../../extract/__fixtures__/reading-world.js";
import { defaultReadingSizes } from "../../extract/reading-sizes.js";
import { zones } from "../../feeds/zones.js";
import type { ApiAnswer } from "../../http/api-client.js";
import type { PageRow } from "../../json/page-row.js";

const documented = Object.fromEntries(zones.fields.always.map((field) => [field, null]));
const rows = plainRows({ count: 90, rowsPerInstant: 7 });

describe("landing a feed", () => {
  test("reports drift once, not for each row, and warns about it", async () => {
    const entities = rows.map(({ id, modifiedOn }) => ({ ...documented, id, modifiedOn, color: "red" }));
    const world = createReadingWorld({ simulator: { tenants: [{ entities: { zones: entities } }] } });
    await world.read({ feed: "zones" });
    await world.read({ feed: "zones" });
    expect(world.events.filter((event) => event.event === "schema:drift")).toEqual([
      { event: "schema:drift", feed: "zones", unknown: ["color"], missing: [] },
    ]);
    expect(world.warnings).toEqual([
      {
        code: "SCHEMA_DRIFT",
        message: "zones has fields that are not documented: color.",
        count: null,
      },
    ]);
  });

  test("a failing storage releases all room and leaves nobody waiting for it", async () => {
    const world = createReadingWorld({
      simulator: { exportPageSize: 10, tenants: [{ entities: { customers: rows } }] },
      tools: { budget: createByteBudget(10) },
    });
    vi.spyOn(world.storage, "landRows").mockRejectedValueOnce(new Error("disk full"));
    await expect(world.read({ feed: "customers" })).rejects.toThrow("disk full");
    expect(world.budget.inFlight()).toBe(0);
    await world.read({ feed: "customers" });
    expect((await world.cursor("customers"))?.drainedAt).not.toBeNull();
  });

  test.each([
    ["by the export", false],
    ["in parallel", true],
  ])("%s holds no more bytes than allowed, once it knows how large pages are", async (_, parallel) => {
    const large = plainRows({ count: 400, rowsPerInstant: 1 }).map((row) => ({
      ...row,
      memo: "x".repeat(20_000),
    }));
    const most = 1_500_000;
    const world = createReadingWorld({
      simulator: { exportPageSize: 20, tenants: [{ entities: { customers: large } }] },
      tools: {
        parallelBackfill: parallel,
        sizes: { ...defaultReadingSizes, pageSize: 20, minRows: 1, pagesAtOnce: 8 },
        budget: createByteBudget(most),
      },
    });
    let peak = 0;
    world.beforeRequest = () => {
      // Nobody knows how large pages are before the first ones have come.
      const read = world.events.filter((event) => event.event === "page:read" && event.rows > 0);
      if (read.length > 8) peak = Math.max(peak, world.budget.inFlight());
    };
    await world.read({ feed: "customers" });
    expect(peak).toBeLessThanOrEqual(most);
    expect(peak).toBeGreaterThan(most / 4);
    expect(world.budget.inFlight()).toBe(0);
  });

  test.each([
    ["by the export", false],
    ["in parallel", true],
  ])("%s kept pages in memory that had landed, and whose room others had taken", async (_, parallel) => {
    const world = createReadingWorld({
      simulator: { exportPageSize: 10, tenants: [{ entities: { customers: rows } }] },
      tools: { parallelBackfill: parallel, sizes: { ...defaultReadingSizes, pageSize: 10, minRows: 1 } },
    });
    const { get } = world.client;
    const answers: ApiAnswer[] = [];
    vi.spyOn(world.client, "get").mockImplementation(async (...question) => {
      const answer = await get(...question);
      answers.push(answer);
      return answer;
    });
    const held = (): number =>
      answers.filter(({ rows: [row] }) => isReadable(row)).reduce((sum, { bytes }) => sum + bytes, 0);
    const landed: number[] = [];
    const { landRows } = world.storage;
    vi.spyOn(world.storage, "landRows").mockImplementation(async (params) => {
      landed.push(params.entities.length);
      expect(held()).toBeLessThanOrEqual(world.budget.inFlight());
      return await landRows(params);
    });
    await world.read({ feed: "customers" });
    expect(landed.filter((count) => count > 0).length).toBeGreaterThan(8);
    expect(answers.filter(({ rows: [row] }) => row !== undefined).length).toBeGreaterThan(8);
    expect(held()).toBe(0);
  });
});

function isReadable(row: PageRow | undefined): boolean {
  try {
    return row !== undefined && row.text !== "";
  } catch {
    return false;
  }
}
