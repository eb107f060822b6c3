import { readFile, rm } from "node:fs/promises";
import { run } from "./run.mjs";
import { tallyTests } from "./test-report.mjs";
import { inWorkspace, workspaceNode } from "./workspace.mjs";

const reportFile = inWorkspace(".reports/vitest.json");

/**
 * Runs tests, with Vitest's own output as they go.
 *
 * @param {string} config Name of the configuration file.
 * @param {readonly string[]} filters Parts of test files' paths; every file when there is none.
 * @param {Pick<import("./run.mjs").RunOptions, "environment" | "limitMs"> & { parameters?: readonly string[] }} [options]
 * @returns {Promise<import("./test-report.mjs").TestTally>}
 */
export async function runTests(config, filters, { environment = {}, limitMs, parameters = [] } = {}) {
  // A report of an earlier run must not be mistaken for one of this run.
  await rm(reportFile, { force: true });
  const { exitCode } = await run(
    workspaceNode,
    [
      inWorkspace("node_modules/vitest/vitest.mjs"),
      "run",
      `--config=${config}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportFile}`,
      ...parameters,
      ...filters,
    ],
    { environment, ...(limitMs === undefined ? {} : { limitMs }) },
  );
  const tally = await readTally();
  // For instance an error that no test caught.
  if (exitCode === 0 || tally.failed > 0) return tally;
  return { ...tally, failed: 1, complaints: [`Vitest ended with exit code ${exitCode}.`] };
}

/** @returns {Promise<import("./test-report.mjs").TestTally>} */
async function readTally() {
  try {
    return tallyTests(JSON.parse(await readFile(reportFile, "utf8")));
  } catch {
    return { passed: 0, failed: 1, complaints: ["Vitest ended without writing its report."] };
  }
}
