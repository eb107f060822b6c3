import { describe, it } from "vitest";
import { expectExportsToFollowTheRules, seeds } from "./compare-exports.js";

describe("what is exported from PostgreSQL", () => {
  it.each(seeds)(
    "is what the rules make of ServiceTitan's rows, before and after changes (seed %i)",
    async (seed) => {
      await expectExportsToFollowTheRules(seed, "postgres");
    },
  );
});
