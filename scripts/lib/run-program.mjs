import { build, install, PreparationError } from "./prepare.mjs";
import { interruptionCode, run } from "./run.mjs";
import { inWorkspace, workspaceNode } from "./workspace.mjs";

/**
 * Installs and builds what has changed, and runs `titan-sync` on the workspace's own Node.
 *
 * @param {readonly string[]} parameters
 * @returns {Promise<number>} The exit code: the program's, or what a stopped or failed preparation owes.
 */
export async function runProgram(parameters) {
  try {
    await install();
    await build();
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return interruptionCode() ?? 1;
  }
  const program = inWorkspace("packages/runner/dist/bin.js");
  const { exitCode } = await run(workspaceNode, [program, ...parameters], { input: "inherit" });
  return exitCode;
}
