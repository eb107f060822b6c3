import { relative } from "node:path";
import { workspaceRoot } from "./workspace.mjs";

/**
 * Istanbul's coverage, by the absolute path of a source.
 * @typedef {Record<string, { statementMap: Record<string, { start: { line: number } }>, s: Record<string, number> }>} CoverageData
 */

/**
 * @typedef {object} PackageCoverage
 * @property {string} name Folder of the package.
 * @property {number} lines Lines on which a statement begins.
 * @property {number} covered Those of them that ran.
 */

/**
 * How many lines of each package ran in any of the processes, by name. Two measurements of one file do not cut it into
 * statements alike, so lines are what they share.
 *
 * @param {readonly CoverageData[]} measurements
 * @returns {readonly PackageCoverage[]}
 */
export function linesByPackage(measurements) {
  /** @type {Map<string, Map<string, boolean>>} */
  const packages = new Map();
  for (const measurement of measurements) {
    for (const [path, { statementMap, s }] of Object.entries(measurement)) {
      const [packages_, name] = relative(workspaceRoot, path).split(/[\\/]/);
      if (packages_ !== "packages" || name === undefined) continue;
      const lines = packages.get(name) ?? new Map();
      packages.set(name, lines);
      for (const [id, { start }] of Object.entries(statementMap)) {
        const line = `${path}:${start.line}`;
        lines.set(line, (lines.get(line) ?? false) || (s[id] ?? 0) > 0);
      }
    }
  }
  return [...packages]
    .map(([name, lines]) => ({
      name,
      lines: lines.size,
      covered: [...lines.values()].filter(Boolean).length,
    }))
    .sort((left, right) => left.name.localeCompare(right.name));
}

/**
 * @param {PackageCoverage} coverage
 * @returns {number} From 0 to 1.
 */
export const shareOf = ({ lines, covered }) => (lines === 0 ? 1 : covered / lines);
