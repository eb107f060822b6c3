import { readFile } from "node:fs/promises";
import { linesByPackage, shareOf } from "./line-coverage.mjs";
import { readProgramCoverage } from "./program-coverage.mjs";
import { inWorkspace } from "./workspace.mjs";

/** Of each package's lines. */
const floor = 0.9;

const directory = inWorkspace(".reports/coverage");

/** Where the programs that tests start leave what they ran. */
export const programCoverageDirectory = inWorkspace(".reports/coverage/programs");

/** Parameters that have Vitest measure what runs in its workers. */
export const coverageParameters = ["--coverage.enabled", `--coverage.reportsDirectory=${directory}/vitest`];

/**
 * Reads what the tests covered, and checks the floor.
 *
 * @returns {Promise<import("./steps.mjs").StepResult>}
 */
export async function checkCoverage() {
  const measured = linesByPackage([
    JSON.parse(await readFile(`${directory}/vitest/coverage-final.json`, "utf8")),
    await readProgramCoverage(programCoverageDirectory),
  ]);
  const output = measured
    .map((one) => `${one.name}: ${(shareOf(one) * 100).toFixed(1)} % of ${one.lines} lines`)
    .join("\n");
  const passed = measured.length > 0 && measured.every((one) => shareOf(one) >= floor);
  return { passed, output, note: `the least is ${(Math.min(...measured.map(shareOf)) * 100).toFixed(1)} %` };
}
