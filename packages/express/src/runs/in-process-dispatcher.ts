import {
  AbortedError,
  type RunDispatcher,
  type RunHandle,
  type SyncEvent,
  type SyncRequest,
  type TitanSync,
} from "@titan-sync/core";

/**
 * Executes triggered runs in this process, at once. What runs when it is closed is cancelled; the next sync of
 * the credential goes on from there.
 *
 * @example
 * const dispatcher = inProcessDispatcher(titan);
 * const router = createTitanSyncRouter({ titan, authenticate, dispatcher });
 */
export function inProcessDispatcher(titan: Pick<TitanSync, "sync">): RunDispatcher {
  const running = new Map<string, RunHandle>();
  const listeners = new Set<(event: SyncEvent) => void>();
  let closing: Promise<void> | null = null;

  async function tell(handle: RunHandle): Promise<void> {
    for await (const event of handle.events()) {
      for (const listener of listeners) listener(event);
    }
  }

  function keepUntilEnd(handle: RunHandle): void {
    const forget = (): void => void running.delete(handle.id);
    running.set(handle.id, handle);
    handle.result.then(forget, forget);
    // It ends with the run, and so does what can fail in it.
    tell(handle).catch(() => undefined);
    if (closing !== null) void handle.cancel();
  }

  return {
    async dispatch({ companyId: _companyId, from, to, by, ...sync }) {
      if (closing !== null) throw new AbortedError("Syncs are no longer taken: this process is shutting down.");
      const request: SyncRequest = {
        ...sync,
        ...(from !== null && { from }),
        ...(to !== null && { to }),
        ...(by !== null && { by }),
      };
      const handle = await titan.sync(request);
      keepUntilEnd(handle);
      return { runId: handle.id, status: "running" };
    },
    async cancel({ runId }) {
      const handle = running.get(runId);
      if (handle === undefined) return false;
      await handle.cancel();
      return true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closing ??= Promise.all([...running.values()].map((handle) => handle.cancel())).then(() => undefined);
      await closing;
    },
  };
}
