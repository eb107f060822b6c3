// `node scripts/generate-records-doc.mjs`: writes docs/records.md from the tables of packages/core/src/records.
// The test that compares the two is what makes it: told to update, it writes instead.

import { run } from "./lib/run.mjs";
import { inWorkspace, workspaceNode } from "./lib/workspace.mjs";

const { exitCode } = await run(workspaceNode, [
  inWorkspace("node_modules/vitest/vitest.mjs"),
  "run",
  "--config=vitest.workspace.ts",
  "--project=unit",
  "packages/core/src/records/records-document.test.ts",
  // Last: what follows it would be taken for its value.
  "--update",
]);
process.exitCode = exitCode;
