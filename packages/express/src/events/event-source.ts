import type { SyncEvent } from "@titan-sync/core";

/** Tells what happens to runs, whoever executes them. */
export interface EventSource {
  /**
   * Calls `listener` for every event from now on, until the returned function is called. Events of one run
   * arrive in order; figures are those of the whole run so far, so that the next event makes up for a
   * missed one.
   */
  subscribe(listener: (event: SyncEvent) => void): () => void;
  /** Ends every subscription. May be called twice. */
  close(): void;
}
