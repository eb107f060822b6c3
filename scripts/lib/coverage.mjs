// Runs before anything is installed, as everything that `scripts/test.mjs` imports: it names no dependency.

import { run } from "./run.mjs";
import { inWorkspace, workspaceNode } from "./workspace.mjs";

const directory = inWorkspace(".reports/coverage");

/** Where the programs that tests start leave what they ran. */
export const programCoverageDirectory = inWorkspace(".reports/coverage/programs");

/** Parameters that have Vitest measure what runs in its workers. */
export const coverageParameters = ["--coverage.enabled", `--coverage.reportsDirectory=${directory}/vitest`];

/**
 * Checks how much of each package the tests covered.
 *
 * @returns {Promise<import("./steps.mjs").StepResult>}
 */
export async function checkCoverage() {
  const parameters = [
    inWorkspace("scripts/check-coverage.mjs"),
    `${directory}/vitest/coverage-final.json`,
    programCoverageDirectory,
  ];
  const { exitCode, output } = await run(workspaceNode, parameters, { output: "capture" });
  return { passed: exitCode === 0, output, note: output.trim().split("\n").at(-1) ?? "" };
}
