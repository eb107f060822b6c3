import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { openMemoryStores } from "../test/sync/memory-stores.js";
import { openServerStores } from "../test/sync/open-stores.js";
import type { Stores } from "../test/sync/world.js";
import { createDice, isSample, seed } from "./support/campaign.js";
import { checkSlices, rollScenario } from "./support/slice-scenario.js";

/** Small ones, so that first loads read several windows of several pages. */
const sizes = vi.hoisted(() => ({ pageSize: 1000, minRows: 20, windowRows: 30, pagesAtOnce: 3 }));
vi.mock("../packages/core/src/extract/reading-sizes.js", () => ({ defaultReadingSizes: sizes }));

async function checkMany(name: string, runs: number, open: () => Promise<Stores>): Promise<void> {
  const dice = createDice(name);
  for (let run = 1; run <= runs; run += 1) {
    const scenario = rollScenario(dice);
    sizes.pageSize = scenario.listPageSize;
    try {
      await checkSlices(await open(), scenario, sizes.pagesAtOnce);
    } catch (cause) {
      throw new Error(`Run ${run} of ${name}, seed ${seed}: ${JSON.stringify(scenario)}`, { cause });
    }
  }
}

describe("runs in slices", () => {
  const inMemory = isSample ? 6 : 400;
  test(`equal the whole in memory, ${inMemory} times`, async () => {
    await checkMany("slices in memory", inMemory, () => openMemoryStores());
  });

  describe("on PostgreSQL", () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await openServerStores();
    });
    afterAll(() => stores.close());

    const runs = isSample ? 1 : 100;
    test(`equal the whole, ${runs} times`, async () => {
      await checkMany("slices on PostgreSQL", runs, async () => stores);
    });
  });
});
