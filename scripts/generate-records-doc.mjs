// `node scripts/generate-records-doc.mjs`: writes docs/records.md from the tables of packages/core/src/records.
// The test that compares the two writes it when told to update.

import { run } from "./lib/run.mjs";
import { inWorkspace, workspaceNode } from "./lib/workspace.mjs";

const { exitCode } = await run(workspaceNode, [
  inWorkspace("node_modules/vitest/vitest.mjs"),
  "run",
  "--config=vitest.workspace.ts",
  "--project=unit",
  "packages/core/src/records/records-document.test.ts",
  // Last, because anything after it would be parsed as its value.
  "--update",
]);
process.exitCode = exitCode;
