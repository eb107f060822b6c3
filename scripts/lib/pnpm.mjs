import { run } from "./run.mjs";

/** The release of pnpm that wrote the lockfile. npm fetches it, so that nothing has to be installed before. */
const pnpm = "pnpm@12.21.0";

/**
 * Runs pnpm in the checkout.
 *
 * @param {readonly string[]} parameters
 * @param {import("./run.mjs").RunOptions} [options]
 * @returns {Promise<import("./run.mjs").RunResult>}
 */
export function runPnpm(parameters, options = {}) {
  return run("npx", ["--yes", pnpm, ...parameters], {
    ...options,
    // On Windows npx is a script, which only a shell starts.
    shell: process.platform === "win32",
  });
}
