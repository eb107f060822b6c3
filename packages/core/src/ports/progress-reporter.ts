import type { SyncEvent } from "./sync-event.js";

/**
 * Is told of every event, in order. Where it returns a promise the next event waits for it, the run does not, and
 * when more than 1000 wait the oldest are dropped. What it throws is logged and harms nothing.
 */
export type ProgressReporter = (event: SyncEvent) => unknown;
