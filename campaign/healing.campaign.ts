import { describe, test } from "vitest";
import { checkHealing } from "../packages/core/src/sync/__fixtures__/healing-property.js";
import { isSample, seed } from "./support/campaign.js";

describe("a full pass", () => {
  const runs = isSample ? 40 : 2000;
  test(`heals any change of times and rows, in ${runs} random histories (seed ${seed})`, async () => {
    await checkHealing({ seed, runs });
  });
});
