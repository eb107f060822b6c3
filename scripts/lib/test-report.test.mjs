import { expect, it } from "vitest";
import { closingLine, tallyTests } from "./test-report.mjs";

/**
 * @param {string} status
 * @param {readonly string[]} tests
 */
function file(status, tests) {
  return {
    name: "packages/core/src/a.test.ts",
    status,
    assertionResults: tests.map((testStatus) => ({ fullName: "a works", status: testStatus })),
  };
}

it("counts the tests of all files", () => {
  const report = {
    testResults: [file("passed", ["passed", "passed"]), file("failed", ["passed", "failed"])],
  };
  expect(tallyTests(report)).toEqual({ passed: 3, failed: 1, complaints: [] });
});

it("counts a file that could not run as one failure, and names it", () => {
  const report = { testResults: [file("passed", ["passed"]), file("failed", [])] };
  expect(tallyTests(report)).toEqual({
    passed: 1,
    failed: 1,
    complaints: ["Could not run: packages/core/src/a.test.ts"],
  });
});

it.each(["pending", "skipped", "todo"])(
  "counts a test that is %s as failed: nothing is skipped silently",
  (status) => {
    const report = { testResults: [file("passed", ["passed", status])] };
    expect(tallyTests(report)).toEqual({
      passed: 1,
      failed: 1,
      complaints: [`Did not run (${status}): a works`],
    });
  },
);

it("counts a run without tests as failed", () => {
  expect(tallyTests({ testResults: [] })).toEqual({ passed: 0, failed: 1, complaints: ["No test ran."] });
});

it("prints the last line the way other programs expect it", () => {
  expect(closingLine({ passed: 12, failed: 0 })).toBe("12 passed, 0 failed");
});
