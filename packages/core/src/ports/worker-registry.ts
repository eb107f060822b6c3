import type { RunWorker } from "./sync-run.js";

/** What a live worker says of itself. */
export interface WorkerBeat extends RunWorker {
  /** Its name, as the queue's claims show it. */
  readonly name: string;
  readonly slots: number;
  /** Slots with a job. */
  readonly busy: number;
  /** Whether it claims no more jobs, because it is about to stop. */
  readonly isClosing: boolean;
}

/** Times are epoch milliseconds by the storage's clock. */
export interface LiveWorker extends WorkerBeat {
  readonly startedAt: number;
  readonly beatAt: number;
  /** How long ago that was, by the same clock. */
  readonly silentMs: number;
}

/** The workers of all processes, so that it can be seen when none is left. */
export interface WorkerRegistry {
  /** Notes that a worker is alive, under its id. A worker that is silent for a day is forgotten. */
  beatWorker(beat: WorkerBeat): Promise<void>;
  /** Forgets a worker that has stopped. */
  forgetWorker(id: string): Promise<void>;
  /** Ordered by name and id. */
  listWorkers(): Promise<readonly LiveWorker[]>;
}
