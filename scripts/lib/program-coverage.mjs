// What the programs that tests start have run of our code. Vitest measures its own workers only.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mergeProcessCovs } from "@bcoe/v8-coverage";
import { parse } from "acorn";
import { convert } from "ast-v8-to-istanbul";

/** A built file of one of our packages: Node reports all others as well. */
const ownScript = /\/packages\/[^/]+\/dist\/[^?]+\.js$/;

/**
 * Istanbul's data by source file, of all programs together.
 *
 * @param {string} directory Of files that Node or `test/end-to-end/program-coverage.ts` has written.
 * @returns {Promise<import("./line-coverage.mjs").CoverageData>}
 */
export async function readProgramCoverage(directory) {
  const files = await readdir(directory).catch(() => []);
  const processes = await Promise.all(
    files.map(async (name) => {
      /** @type {{ result: import("@bcoe/v8-coverage").ScriptCoverage[] }} */
      const { result } = JSON.parse(await readFile(join(directory, name), "utf8"));
      return { result: result.filter(({ url }) => ownScript.test(url)) };
    }),
  );
  /** @type {import("./line-coverage.mjs").CoverageData} */
  const data = {};
  for (const coverage of mergeProcessCovs(processes).result) {
    const path = fileURLToPath(coverage.url);
    const [code, map] = await Promise.all([readFile(path, "utf8"), readFile(`${path}.map`, "utf8")]);
    const converted = await convert({
      ast: parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true }),
      code,
      coverage,
      sourceMap: JSON.parse(map),
    });
    Object.assign(data, converted);
  }
  return data;
}
