import { describe, it } from "vitest";
import { expectExportsToFollowTheRules } from "./compare-exports.js";

describe("what is exported from the embedded database", () => {
  it("is what the rules make of ServiceTitan's rows, for three seeds, before and after changes", async () => {
    await expectExportsToFollowTheRules("embedded");
  });
});
