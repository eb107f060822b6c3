import { afterAll, beforeAll, describe, test } from "vitest";
import { openMemoryStores } from "../test/sync/memory-stores.js";
import { openServerStores } from "../test/sync/open-stores.js";
import type { Stores } from "../test/sync/world.js";
import { createDice, isSample, seed } from "./support/campaign.js";
import { checkPruning, rollPruneScenario } from "./support/prune-scenario.js";

async function checkMany(name: string, runs: number, open: () => Promise<Stores>): Promise<void> {
  const dice = createDice(name);
  for (let run = 1; run <= runs; run += 1) {
    const scenario = rollPruneScenario(dice);
    try {
      await checkPruning(open, scenario);
    } catch (cause) {
      throw new Error(`Run ${run} of ${name}, seed ${seed}: ${JSON.stringify(scenario)}`, { cause });
    }
  }
}

describe("after any prune the next sync ends as without it, with everything landed and delivered", () => {
  const inMemory = isSample ? 2 : 200;
  test(`in memory, ${inMemory} times`, async () => {
    await checkMany("pruning in memory", inMemory, () => openMemoryStores());
  });

  describe("on PostgreSQL", () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await openServerStores();
    });
    afterAll(() => stores.close());

    const runs = isSample ? 1 : 25;
    test(`${runs} times`, async () => {
      await checkMany("pruning on PostgreSQL", runs, async () => stores);
    });
  });
});
