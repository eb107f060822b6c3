import type { RunFailure, StoredRun } from "../ports/sync-run.js";

/** How a run ends whose place another request of its credential has taken. */
export const supersededRun: RunFailure = {
  code: "SUPERSEDED",
  message: "Superseded by another request of this credential before it ended.",
  hint: null,
};

export function isSuperseded({ error }: Pick<StoredRun, "error">): boolean {
  return error?.code === supersededRun.code;
}
