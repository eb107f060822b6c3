import type { SyncEvent } from "./sync-event.js";

/**
 * Receives every event, in order. If it returns a promise, the next event waits for it but the run does not; when more
 * than 1000 events wait, the oldest are dropped. Errors that it throws are logged and have no other effect.
 */
export type ProgressReporter = (event: SyncEvent) => unknown;
