// Runs before anything is installed, as everything that `scripts/test.mjs` imports: it names no dependency.

import { run } from "./run.mjs";
import { inWorkspace, workspaceNode } from "./workspace.mjs";

const directory = inWorkspace(".reports/coverage");

/** Where the programs that tests start leave what they ran. */
export const programCoverageDirectory = inWorkspace(".reports/coverage/programs");

/** Parameters that have Vitest measure what runs in its workers, also when a test fails. */
export const coverageParameters = [
  "--coverage.enabled",
  "--coverage.reportOnFailure",
  `--coverage.reportsDirectory=${directory}/vitest`,
];

/**
 * Checks how much of each package the tests covered.
 *
 * @param {string} [vitestFile] What Vitest has measured.
 * @returns {Promise<import("./steps.mjs").StepResult>}
 */
export async function checkCoverage(vitestFile = `${directory}/vitest/coverage-final.json`) {
  const parameters = [inWorkspace("scripts/check-coverage.mjs"), vitestFile, programCoverageDirectory];
  const { exitCode, output } = await run(workspaceNode, parameters, { output: "capture" });
  const lines = output.trim().split("\n");
  // A single line stands beside the step's name already.
  return { passed: exitCode === 0, output: lines.length > 1 ? output : "", note: lines.at(-1) ?? "" };
}
