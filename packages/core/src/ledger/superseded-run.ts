import type { RunFailure } from "../ports/sync-run.js";

/** How a run ends whose place another request of its credential has taken. */
export const supersededRun: RunFailure = {
  code: "SUPERSEDED",
  message: "Another request of this credential took the place of the run before it had ended.",
  hint: null,
};
