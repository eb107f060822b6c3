import { describe, it } from "vitest";
import { checkAlerts } from "../packages/core/src/alerts/__fixtures__/alerts-property.js";

import { createDice, isSample, seed } from "./support/campaign.js";

const rounds = isSample ? 1 : 10;
const steps = isSample ? 1_000 : 10_000;

describe("alerts", () => {
  it(`lose and double nothing, whoever is killed when: ${rounds} times ${steps} steps (seed ${seed})`, async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await checkAlerts({ dice: createDice(`alerts ${round}`), steps });
    }
  });
});
