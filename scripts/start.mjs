// `npm start`: installs, builds and runs the demonstration.

import { build, install, PreparationError } from "./lib/prepare.mjs";
import { interruptionCode, run } from "./lib/run.mjs";
import { inWorkspace, workspaceNode } from "./lib/workspace.mjs";

/** @returns {Promise<number>} The exit code. */
async function start() {
  await install();
  await build();
  const program = inWorkspace("packages/runner/dist/bin.js");
  const { exitCode } = await run(workspaceNode, [program, "demo", ...process.argv.slice(2)], {
    input: "inherit",
  });
  return exitCode;
}

try {
  process.exitCode = await start();
} catch (error) {
  if (!(error instanceof PreparationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = interruptionCode() ?? 1;
}
