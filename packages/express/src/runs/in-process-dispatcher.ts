import { AbortedError, type RunDispatcher, type TitanSync } from "@titan-sync/core";
import { createLocalRuns } from "./local-runs.js";

/**
 * Executes triggered runs in this process, at once. What runs when it is closed is canceled; the next sync of the
 * credential continues from there.
 *
 * @example
 * const dispatcher = inProcessDispatcher(titan);
 * const router = createTitanSyncRouter({ titan, authenticate, dispatcher });
 *
 */
export function inProcessDispatcher(titan: Pick<TitanSync, "sync">): RunDispatcher {
  const runs = createLocalRuns();
  let isClosed = false;
  return {
    async dispatch({ companyId: _companyId, from, to, by, ...sync }) {
      if (isClosed) throw new AbortedError("No new syncs are accepted: this process is shutting down.");
      const handle = await titan.sync({
        ...sync,
        from: from ?? undefined,
        to: to ?? undefined,
        by: by ?? undefined,
      });
      runs.keep(handle);
      return { runId: handle.id, status: "running" };
    },
    cancel: ({ runId, actor }) => runs.cancel(runId, actor),
    subscribe: runs.subscribe,
    async close() {
      isClosed = true;
      await runs.close();
    },
  };
}
