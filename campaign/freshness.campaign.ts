import { describe, test, vi } from "vitest";
import { createDice, isSample, seed } from "./support/campaign.js";
import { checkFreshness, rollFreshness } from "./support/freshness-scenario.js";

/** Small ones, so that first loads read several windows of several pages. */
const sizes = vi.hoisted(() => ({ pageSize: 6, minRows: 4, windowRows: 5, pagesAtOnce: 2 }));
vi.mock("../packages/core/src/extract/reading-sizes.js", () => ({ defaultReadingSizes: sizes }));

describe("freshAsOf", () => {
  const histories = isSample ? 8 : 3000;
  test(`claims no change that is not delivered, in ${histories} random histories (seed ${seed})`, async () => {
    const dice = createDice("freshness");
    for (let history = 1; history <= histories; history += 1) {
      const scenario = rollFreshness(dice);
      sizes.pageSize = scenario.listPageSize;
      try {
        await checkFreshness(scenario, dice);
      } catch (cause) {
        throw new Error(`History ${history}, seed ${seed}: ${JSON.stringify(scenario)}`, { cause });
      }
    }
  });
});
