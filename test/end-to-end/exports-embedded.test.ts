import { describe, it } from "vitest";
import { expectExportsToFollowTheRules } from "./compare-exports.js";

describe("an export from the embedded database", () => {
  it("contains what the rules derive from ServiceTitan's rows, for three seeds, before and after changes", async () => {
    await expectExportsToFollowTheRules("embedded");
  });
});
