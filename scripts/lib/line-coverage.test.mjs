import { expect, it } from "vitest";
import { linesByPackage, shareOf } from "./line-coverage.mjs";
import { inWorkspace } from "./workspace.mjs";

/**
 * @param {string} path
 * @param {Readonly<Record<number, number>>} hits By line.
 */
const measured = (path, hits) => ({
  [inWorkspace(path)]: {
    statementMap: Object.fromEntries(
      Object.keys(hits).map((line) => [line, { start: { line: Number(line) } }]),
    ),
    s: Object.fromEntries(Object.entries(hits)),
  },
});

it("counts a line that ran in any process as covered", () => {
  const worker = measured("packages/core/src/a.ts", { 1: 5, 2: 0, 3: 0 });
  const program = measured("packages/core/src/a.ts", { 2: 1, 3: 0 });
  const [core] = linesByPackage([worker, program]);
  expect(core).toEqual({ name: "core", lines: 3, covered: 2 });
});

it("separates packages, and ignores files outside of them", () => {
  const found = linesByPackage([
    measured("packages/runner/src/a.ts", { 1: 0 }),
    measured("packages/core/src/a.ts", { 1: 1 }),
    measured("scripts/a.mjs", { 1: 1 }),
  ]);
  expect(found.map((coverage) => [coverage.name, shareOf(coverage)])).toEqual([
    ["core", 1],
    ["runner", 0],
  ]);
});
