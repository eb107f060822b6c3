import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../../__fixtures__/scripted-client.js";
import { createByteBudget } from "../../async/byte-budget.js";
import { plainRows } from "../../extract/__fixtures__/plain-rows.js";
import { createReadingWorld } from "../../extract/__fixtures__/reading-world.js";
import { defaultReadingSizes } from "../../extract/reading-sizes.js";
import { createRunTally } from "../../ledger/run-tally.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import { createDriftCheck } from "../../quality/drift-check.js";
import { noCustomColumns } from "../../records/custom-columns.js";
import { feeds, shippedCatalog } from "../../records/definitions/definitions.js";
import { noSuppressedRows } from "../../suppressions/suppressed-rows.js";
import { openRun } from "../../testing/storage/open-run.js";
import { defaultRequest } from "../../testing/storage/samples.js";
import { landFeed } from "./land-feed.js";

const scope = { companyId: "acme", environment: "production", tenantId: "77" } as const;

/** Lands a list of one page. */
async function landOnePage(data: readonly unknown[]) {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const { lease, run } = await openRun(storage, { scope });
  const figures = createRunTally(run);
  await landFeed(
    {
      storage,
      client: createScriptedClient([{ hasMore: false, page: 1, totalCount: data.length, data }]),
      clock,
      signal: new AbortController().signal,
      lease,
      ownedSince: run.updatedAt,
      scope,
      request: defaultRequest,
      figures,
      emit: () => undefined,
      warn: () => undefined,
      movedOn: () => undefined,
      catalog: shippedCatalog,
      company: { columns: noCustomColumns },
    },
    { feed: feeds.zones, cursor: null, touches: [], range: null, isAgain: false, used: [] },
    {
      budget: createByteBudget(64 * 1024 * 1024),
      drift: createDriftCheck(),
      sizes: defaultReadingSizes,
      parallelBackfill: false,
      suppressed: noSuppressedRows,
    },
  );
  const { items } = await storage.listRejections({ companyId: scope.companyId }, { limit: 9 });
  return { rejections: items, figures: figures.feed("zones") };
}

describe("a page that is too large for one transaction", () => {
  test("saves a page's cursor with its last part, so that a stop in between loses no row", async () => {
    const rows = plainRows({ count: 5000, rowsPerInstant: 1 });
    const world = createReadingWorld({
      simulator: { tenants: [{ entities: { customers: rows } }], exportPageSize: 5000 },
    });
    const ids = rows.map((row) => row.id);
    const stop = new AbortController();
    const { landRows: land } = world.storage;
    world.storage.landRows = async (params) => {
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

    world.storage.landRows = land;
    await world.read({ feed: "customers" });
    expect((await world.landed("customers", ids)).size).toBe(rows.length);
  });

  test.each([1000, 2500])(
    "two versions of an id in a page above 2,000 rows cleared each other's rejection: with %i other rows",
    async (count) => {
      const zone = (id: number, second: number, name: unknown = "North") => ({
        id,
        name,
        active: true,
        createdOn: "2026-01-01T00:00:00Z",
        modifiedOn: `2026-01-01T00:00:0${second}Z`,
      });
      const others = Array.from({ length: count }, (_, index) => zone(index + 1, 1));
      const { rejections, figures } = await landOnePage([
        ...others,
        zone(5000, 1),
        zone(5000, 2, { broken: 1 }),
      ]);
      expect(rejections).toMatchObject([{ feed: "zones", entityId: "5000", stage: "structure" }]);
      expect(figures).toMatchObject({ read: count + 2, landed: count + 1, rejected: 1 });
    },
  );

  test.each([1000, 2500])(
    "leaves no rejection of a version that is older than the valid one on its page, with %i other rows",
    async (count) => {
      const zone = (id: number, second: number, name: unknown = "North") => ({
        id,
        name,
        active: true,
        createdOn: "2026-01-01T00:00:00Z",
        modifiedOn: `2026-01-01T00:00:0${second}Z`,
      });
      const others = Array.from({ length: count }, (_, index) => zone(index + 10, 1));
      const { rejections, figures } = await landOnePage([
        zone(1, 1, { broken: 1 }),
        zone(1, 2),
        ...others,
        zone(9000, 2),
        zone(9000, 1, { broken: 1 }),
        zone(9001, 1, { broken: 1 }),
        zone(9001, 1),
      ]);
      expect(rejections).toEqual([]);
      expect(figures).toMatchObject({ read: count + 6, landed: count + 3, rejected: 0, superseded: 3 });
    },
  );
});
