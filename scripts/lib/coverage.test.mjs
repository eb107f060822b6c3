import { expect, it } from "vitest";
import { checkCoverage } from "./coverage.mjs";
import { inWorkspace } from "./workspace.mjs";

it("a check of what nobody had measured ended in a stack trace", async () => {
  const result = await checkCoverage(inWorkspace("nowhere/coverage-final.json"));
  expect(result).toEqual({
    passed: false,
    output: "",
    note: "not measured: Vitest ended before it wrote what the tests covered",
  });
});
