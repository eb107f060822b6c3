// `check-coverage.mjs <Vitest's coverage> <directory of programs' coverage>`: prints how much of each package the tests
// covered, and fails below the floor.

import { readFile } from "node:fs/promises";
import { linesByPackage, shareOf } from "./lib/line-coverage.mjs";
import { readProgramCoverage } from "./lib/program-coverage.mjs";

/** Of each package's lines. */
const floor = 0.9;

const [vitestFile = "", programDirectory = ""] = process.argv.slice(2);
const ofVitest = await readFile(vitestFile, "utf8").catch(() => null);
if (ofVitest === null) {
  process.stdout.write("not measured: Vitest ended before it wrote what the tests covered\n");
  process.exit(1);
}
const measured = linesByPackage([JSON.parse(ofVitest), await readProgramCoverage(programDirectory)]);

/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(1)}%`;

for (const one of measured) {
  process.stdout.write(`${one.name}: ${percent(shareOf(one))} of ${one.lines} lines\n`);
}
const least = Math.min(...measured.map(shareOf));
process.stdout.write(`at least ${percent(least)}\n`);
process.exitCode = measured.length > 0 && least >= floor ? 0 : 1;
