import { describe, expect, test } from "vitest";
import { AbortedError } from "../errors.js";
import { noSuppressedRows, type SuppressedRows } from "../suppressions/suppressed-rows.js";
import { plainRows } from "./__fixtures__/plain-rows.js";
import { createReadingWorld } from "./__fixtures__/reading-world.js";

const rows = plainRows({ count: 400, rowsPerInstant: 30, rowsPerCreation: 7, migrated: 60 });
const ids = rows.map((row) => row.id);
const sizes = { pageSize: 20, minRows: 100, windowRows: 80, pagesAtOnce: 4 };

function setUp(
  options: {
    entities?: readonly object[];
    minRows?: number;
    parallel?: boolean;
    suppressed?: SuppressedRows;
  } = {},
) {
  const world = createReadingWorld({
    simulator: { exportPageSize: 10, tenants: [{ entities: { customers: options.entities ?? rows } }] },
    tools: {
      parallelBackfill: options.parallel ?? true,
      sizes: { ...sizes, minRows: options.minRows ?? sizes.minRows },
      suppressed: options.suppressed ?? noSuppressedRows,
    },
  });
  return { world };
}

type ReadingWorld = ReturnType<typeof createReadingWorld>;

/** Reads in slices that end as soon as so many pages have landed, or plans were saved, until one comes to the end. */
async function readInSlices(
  world: ReadingWorld,
  pagesOfSlice: number,
  between: () => void = () => undefined,
) {
  const { landRows: land } = world.storage;
  for (let slices = 1; slices <= 200; slices += 1) {
    const stop = new AbortController();
    let left = pagesOfSlice;
    world.storage.landRows = async (params) => {
      const result = await land(params);
      left -= 1;
      if (left === 0) stop.abort(new AbortedError("paused"));
      return result;
    };
    try {
      await world.read({ feed: "customers", signal: stop.signal });
      return slices;
    } catch (error) {
      if (!(error instanceof AbortedError)) throw error;
    }
    between();
  }
  throw new Error("The load did not come to its end in 200 slices.");
}

const landedIds = async (world: ReturnType<typeof createReadingWorld>) =>
  [...(await world.landed("customers", ids)).keys()].sort((left, right) => left - right);

describe("the first load of a feed", () => {
  test("reads its list, then follows the export: each row is read once", async () => {
    const { world } = setUp();
    const figures = await world.read({ feed: "customers" });
    expect(figures).toMatchObject({ read: 400, landed: 400 });
    expect(await landedIds(world)).toEqual(ids);
    // 20 pages, about as many questions for totals, and one of the export that has nothing new.
    expect(world.simulator.counters().requests).toBeLessThan(45);
    const cursor = await world.cursor("customers");
    expect(cursor).toMatchObject({ backfill: null, pollBeganAt: null });
    expect(cursor?.token).not.toBeNull();
    expect(cursor?.drainedAt).toBe("2026-01-01T00:00:00.000Z");
  });

  test("suppresses rows of erased customers, and counts each once", async () => {
    const erased = new Set([ids[0], ids[150], ids[399]].map(String));
    const { world } = setUp({
      suppressed: { isEmpty: false, has: (feed, id) => feed === "customers" && erased.has(id) },
    });
    expect(await world.read({ feed: "customers" })).toMatchObject({ read: 400, landed: 397, suppressed: 3 });
    expect(await landedIds(world)).toEqual(ids.filter((id) => !erased.has(String(id))));
    expect(world.simulator.counters().requests).toBeLessThan(45);
  });

  test("of a small feed uses the export, after one request", async () => {
    const { world } = setUp({ minRows: 401 });
    await world.read({ feed: "customers" });
    expect(world.simulator.counters().requests).toBe(41);
    expect(await landedIds(world)).toEqual(ids);
  });

  test("uses the export if parallel loading is off, and in a full pass", async () => {
    const { world } = setUp({ parallel: false });
    await world.read({ feed: "customers" });
    expect(world.simulator.counters().requests).toBe(40);
    const full = setUp();
    await full.world.read({ feed: "customers", full: true });
    expect(full.world.simulator.counters().requests).toBe(41);
  });

  test("is skipped for a feed that was read before", async () => {
    const { world } = setUp();
    await world.read({ feed: "customers" });
    world.simulator.resetCounters();
    await world.read({ feed: "customers" });
    expect(world.simulator.counters().requests).toBe(1);
  });

  test("continues with the remaining windows after it is killed", async () => {
    const { world } = setUp();
    const kill = new AbortController();
    let requests = 0;
    world.beforeRequest = () => {
      requests += 1;
      if (requests === 25) kill.abort(new AbortedError("killed"));
    };
    await expect(world.read({ feed: "customers", signal: kill.signal })).rejects.toThrow();
    const left = (await world.cursor("customers"))?.backfill?.windows ?? [];
    expect(left.length).toBeGreaterThan(0);
    const leftRows = left.reduce((sum, window) => sum + (window.left ?? window.rows), 0);
    expect(leftRows).toBeLessThan(400);
    const { read } = await world.read({ feed: "customers" });
    expect(read).toBe(leftRows);
    expect(await landedIds(world)).toEqual(ids);
  });

  test.each([1, 2, 3])(
    "in slices of %i pages continues within its windows: no slice starts one of them again",
    async (pages) => {
      const whole = setUp().world;
      await whole.read({ feed: "customers" });
      const { world } = setUp();
      const slices = await readInSlices(world, pages);
      expect(slices).toBeGreaterThan(5);
      expect(await landedIds(world)).toEqual(ids);
      // Each slice may have asked for pages that it did not come to land.
      const wasted = slices * sizes.pagesAtOnce;
      expect(world.simulator.counters().requests).toBeLessThan(whole.simulator.counters().requests + wasted);
    },
  );

  test.each([1, 2, 3, 5])(
    "in slices of %i pages misses no row that moves to the front of its window as others leave it",
    async (pages) => {
      const { world } = setUp();
      let changes = 0;
      const edit = () => {
        changes += 1;
        world.clock.pass(1000);
        // From the front and from the middle: those behind move by one.
        const id = ids[(changes * 41) % ids.length] ?? 0;
        const set = { name: `Edited ${changes}` };
        world.simulator.mutate(world.tenantId, { kind: "edit", feed: "customers", id, set });
      };
      await readInSlices(world, pages, edit);
      expect(changes).toBeGreaterThan(3);
      expect(world.warnings.map((warning) => warning.code)).not.toContain("PARALLEL_LOAD_GIVEN_UP");
      world.clock.pass(3_600_000);
      await world.read({ feed: "customers" });
      const landed = await world.landed("customers", ids);
      for (const row of world.simulator.rows(world.tenantId, "customers")) {
        expect(landed.get(row.id)).toEqual(row);
      }
    },
  );

  test("leaves what changes meanwhile to the export, however late that is", async () => {
    const { world } = setUp();
    let requests = 0;
    world.beforeRequest = () => {
      requests += 1;
      world.clock.pass(1000);
      const id = ids[(requests * 37) % ids.length] ?? 0;
      if (requests < 40) {
        world.simulator.mutate(world.tenantId, {
          kind: "edit",
          feed: "customers",
          id,
          set: { name: `Edited ${requests}` },
        });
      }
    };
    await world.read({ feed: "customers" });
    world.beforeRequest = () => undefined;
    world.clock.pass(3_600_000);
    await world.read({ feed: "customers" });
    const landed = await world.landed("customers", ids);
    for (const row of world.simulator.rows(world.tenantId, "customers")) {
      expect(landed.get(row.id)).toEqual(row);
    }
  });

  test("misses no row when one row is removed while a backdated one is added", async () => {
    const dated = rows.map((row) => ({ ...row, createdOn: "2015-01-01T00:00:00Z" }));
    const { world } = setUp({ entities: dated });
    let pages = 0;
    world.beforeRequest = () => {
      pages += 1;
      if (pages % 4 !== 0) return;
      world.clock.pass(1000);
      const row = { active: true, name: "Imported", createdOn: "2015-01-01T00:00:00Z" };
      world.simulator.mutate(
        world.tenantId,
        { kind: "delete", feed: "customers", id: ids[pages] ?? 0 },
        { kind: "add", feed: "customers", row },
      );
    };
    await world.read({ feed: "customers" });
    world.beforeRequest = () => undefined;
    world.clock.pass(3_600_000);
    await world.read({ feed: "customers" });
    const held = world.simulator.rows(world.tenantId, "customers").map((row) => row.id);
    const landed = await world.landed("customers", held);
    expect(held.filter((id) => !landed.has(id))).toEqual([]);
  });

  test("does not use the list if neither a window nor the export would return some rows", async () => {
    const undated = { id: 5, active: true, name: "Never modified", createdOn: "2015-01-01T00:00:00Z" };
    const { world } = setUp({ entities: [...rows, undated] });
    await world.read({ feed: "customers" });
    expect((await world.landed("customers", [5])).size).toBe(1);
    expect(world.events.filter((event) => event.event === "page:read").length).toBeGreaterThanOrEqual(41);
  });

  test("leaves everything to the export if the list cannot be read, with a warning", async () => {
    const { world } = setUp();
    world.simulator.faults.inject({
      effect: { kind: "status", status: 400 },
      endpoint: "list",
      feed: "customers",
      nth: 12,
      times: 1000,
    });
    await world.read({ feed: "customers" });
    expect(world.warnings.map((warning) => warning.code)).toContain("PARALLEL_LOAD_GIVEN_UP");
    expect(await landedIds(world)).toEqual(ids);
  });

  test("does not switch to the export because the API is unreachable: the next run continues the load", async () => {
    const { world } = setUp();
    const fault = world.simulator.faults.inject({
      effect: { kind: "status", status: 503 },
      endpoint: "list",
      nth: 12,
      times: 1000,
    });
    await expect(world.read({ feed: "customers" })).rejects.toMatchObject({ code: "API_UNAVAILABLE" });
    expect((await world.cursor("customers"))?.backfill).not.toBeNull();
    expect(world.budget.inFlight()).toBe(0);
    fault.remove();
    await world.read({ feed: "customers" });
    expect(await landedIds(world)).toEqual(ids);
  });

  test("puts rows that were all created at the same time into one window of many pages", async () => {
    const imported = rows.map((row) => ({ ...row, createdOn: "0001-01-01T00:00:00Z" }));
    const { world } = setUp({ entities: imported });
    expect(await world.read({ feed: "customers" })).toMatchObject({ read: 400, landed: 400 });
  });
});
