// `npm run bench [-- name …]`: measures the built packages, and compares the results with their targets.

import { build, install, PreparationError } from "./lib/prepare.mjs";
import { interruptionCode, run } from "./lib/run.mjs";
import { inWorkspace, workspaceNode } from "./lib/workspace.mjs";

try {
  await install();
  await build();
  const program = inWorkspace("packages/benchmark/dist/bin.js");
  const { exitCode } = await run(workspaceNode, [program, ...process.argv.slice(2)]);
  process.exitCode = exitCode;
} catch (error) {
  if (!(error instanceof PreparationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = interruptionCode() ?? 1;
}
