// Vitest's coverage by V8, only in projects that ask for it. Vitest itself measures all projects or none.

import process from "node:process";
import v8 from "@vitest/coverage-v8";

const isMeasured = () => process.env["TITAN_SYNC_MEASURED"] === "1";

// biome-ignore lint/style/noDefaultExport: Vitest looks for it.
export default {
  ...v8,
  /** @param {Parameters<typeof v8.startCoverage>} given */
  startCoverage: async (...given) => (isMeasured() ? await v8.startCoverage?.(...given) : undefined),
  /** @param {Parameters<typeof v8.takeCoverage>} given */
  takeCoverage: async (...given) => (isMeasured() ? await v8.takeCoverage?.(...given) : undefined),
  /** @param {Parameters<typeof v8.stopCoverage>} given */
  stopCoverage: async (...given) => (isMeasured() ? await v8.stopCoverage?.(...given) : undefined),
};
