import { describe, test } from "vitest";
import { checkReaders } from "../packages/core/src/extract/__fixtures__/readers-property.js";

const seed = Number(process.env["CAMPAIGN_SEED"] ?? 1);
const isSample = process.env["CAMPAIGN_SAMPLE"] === "1";

describe("the readers", () => {
  const runs = isSample ? 25 : 1000;
  test(`land exactly what the simulator contains, in ${runs} random scenarios (seed ${seed})`, async () => {
    await checkReaders({ seed, runs });
  });
});
