import type { DatabasePlan } from "./open-database.js";

/** What a process that claims jobs is to do, until none is left. */
export interface QueuePlan {
  readonly place: DatabasePlan;
  readonly worker: string;
  readonly claimMs: number;
  /** Of its random choices. */
  readonly seed: number;
}

export interface QueueMessage {
  readonly kind: "claimed" | "completed" | "put back" | "lost";
  readonly runId: string;
}
