import type { SyncEvent } from "../events.js";

/** Is told of every event. What it throws is logged and harms nothing. */
export type ProgressReporter = (event: SyncEvent) => void;
