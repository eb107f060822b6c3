import { describe, expect, test } from "vitest";
import { plainRows } from "../extract/__fixtures__/plain-rows.js";
import { createReadingWorld } from "../extract/__fixtures__/reading-world.js";

describe("a page that is too large for one transaction", () => {
  test("saves a page's cursor with its last part, so that a stop in between loses no row", async () => {
    const rows = plainRows({ count: 5000, rowsPerInstant: 1 });
    const world = createReadingWorld({
      simulator: { tenants: [{ entities: { customers: rows } }], exportPageSize: 5000 },
    });
    const ids = rows.map((row) => row.id);
    const stop = new AbortController();
    const { land } = world.storage;
    world.storage.land = async (params) => {
      const result = await land(params);
      stop.abort();
      return result;
    };
    const reading = world.read({ feed: "customers", signal: stop.signal });
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
    const landed = await world.landed("customers", ids);
    expect(landed.size).toBeGreaterThan(0);
    expect(landed.size).toBeLessThan(rows.length);
    expect(await world.cursor("customers")).toBeNull();

    world.storage.land = land;
    await world.read({ feed: "customers" });
    expect((await world.landed("customers", ids)).size).toBe(rows.length);
  });
});
