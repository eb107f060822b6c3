import type { RunHandle, SyncEvent } from "@titan-sync/core";

/** Runs that this process executes. */
export interface LocalRuns {
  /** Holds a run until it ends, and reports its events. */
  keep(handle: RunHandle): void;
  /**
   * @param actor - who requested it, for the audit log.
   * @returns `false` when it is not executed here.
   */
  cancel(runId: string, actor?: string): Promise<boolean>;
  /** Reports every event from now on, until the returned function is called. */
  subscribe(listener: (event: SyncEvent) => void): () => void;
  /** Cancels all. May be called twice. */
  close(): Promise<void>;
}

export function createLocalRuns(): LocalRuns {
  const running = new Map<string, RunHandle>();
  const listeners = new Set<(event: SyncEvent) => void>();
  let closing: Promise<void> | null = null;

  async function notify(handle: RunHandle): Promise<void> {
    for await (const event of handle.events()) {
      for (const listener of listeners) listener(event);
    }
  }

  return {
    keep(handle) {
      const forget = (): void => void running.delete(handle.id);
      running.set(handle.id, handle);
      handle.result.then(forget, forget);
      // The series ends with the run; a run that fails says so in its result.
      notify(handle).catch(() => undefined);
      if (closing !== null) void handle.cancel();
    },
    async cancel(runId, actor) {
      const handle = running.get(runId);
      if (handle === undefined) return false;
      await handle.cancel(actor);
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
