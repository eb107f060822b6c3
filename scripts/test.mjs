// `npm test`: installs, builds, and runs every check and every test.
// The last line reads "N passed, N failed"; a check that failed counts as one failure.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { checkCoverage, coverageParameters, programCoverageDirectory } from "./lib/coverage.mjs";
import { runPnpm } from "./lib/pnpm.mjs";
import { build, install } from "./lib/prepare.mjs";
import { interruptionCode } from "./lib/run.mjs";
import { performSteps } from "./lib/steps.mjs";
import { closingLine } from "./lib/test-report.mjs";
import { runTests } from "./lib/vitest.mjs";
import { inWorkspace } from "./lib/workspace.mjs";

/** Far more than all tests take on two busy cores: beyond that, something hangs. */
const testLimitMs = 30 * 60_000;

const closingLineFile = inWorkspace(".reports/closing-line.txt");

/** @type {readonly import("./lib/steps.mjs").Step[]} */
const preparations = [
  { name: "Dependencies are installed", perform: () => prepared(install) },
  { name: "Every package builds", perform: () => prepared(build) },
];

/** Two rows of about the same length, each for one core. */
const checks = [
  [
    script("Types are sound, and packages have theirs", "build:types"),
    script("Packages can be published and imported", "lint:package"),
  ],
  [
    script("Documentation covers the public surface", "docs"),
    script("Code is formatted and free of known mistakes", "lint"),
    script("Nothing is unused", "lint:unused"),
  ],
];

/** After the tests, those of started programs included. */
const coverage = { name: "Tests cover 90% of each package's lines", perform: checkCoverage };

/**
 * @param {string} name
 * @param {string} scriptName A script of the workspace's `package.json`.
 * @returns {import("./lib/steps.mjs").Step}
 */
function script(name, scriptName) {
  return {
    name,
    perform: async () => {
      const { exitCode, output } = await runPnpm(["run", scriptName], { output: "capture" });
      return { passed: exitCode === 0, output };
    },
  };
}

/**
 * @param {() => Promise<boolean>} preparation
 * @returns {Promise<import("./lib/steps.mjs").StepResult>}
 */
async function prepared(preparation) {
  return { passed: true, ...((await preparation()) ? {} : { note: "nothing has changed" }) };
}

/** @returns {Promise<{ passed: number, failed: number, complaints: readonly string[] }>} */
async function test() {
  for (const preparation of preparations) {
    const failed = await performSteps([preparation]);
    if (failed.length > 0) return { passed: 0, failed: 1, complaints: failed.map(failedCheck) };
  }
  const failedChecks = (await Promise.all(checks.map((row) => performSteps(row)))).flat();
  await rm(programCoverageDirectory, { recursive: true, force: true });
  const tests = await runTests("vitest.workspace.ts", [], {
    limitMs: testLimitMs,
    parameters: coverageParameters,
    environment: { TITAN_SYNC_PROGRAM_COVERAGE: programCoverageDirectory },
  });
  failedChecks.push(...(await performSteps([coverage])));
  return {
    passed: tests.passed,
    failed: tests.failed + failedChecks.length,
    complaints: [...failedChecks.map(failedCheck), ...tests.complaints],
  };
}

/**
 * @param {string} name
 * @returns {string}
 */
function failedCheck(name) {
  return `Check failed: ${name}`;
}

await mkdir(inWorkspace(".reports"), { recursive: true });
await rm(closingLineFile, { force: true });
const startedAt = performance.now();
const { passed, failed, complaints } = await test().catch((error) => ({
  passed: 0,
  failed: 1,
  complaints: [error instanceof Error ? error.message : String(error)],
}));
const interrupted = interruptionCode();

process.stdout.write("\n");
for (const complaint of complaints) process.stdout.write(`✗ ${complaint}\n`);
process.stdout.write(`Took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.\n`);

const line = closingLine({ passed, failed: interrupted !== null && failed === 0 ? 1 : failed });
await writeFile(closingLineFile, `${line}\n`);
process.stdout.write(`${line}\n`);
process.exitCode = interrupted ?? (failed === 0 && passed > 0 ? 0 : 1);
