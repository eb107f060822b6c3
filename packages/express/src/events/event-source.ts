import type { SyncEvent } from "@titan-sync/core";

/** Tells what happens to runs, whoever executes them. */
export interface EventSource {
  /**
   * Calls `listener` for every event from now on, until the returned function is called. Of one run they come in
   * order; figures are those of the whole run so far, so that one that is missed is made up for by the next.
   */
  subscribe(listener: (event: SyncEvent) => void): () => void;
  /** Ends every subscription. May be called twice. */
  close(): void;
}
