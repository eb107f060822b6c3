import type { JobQueue } from "../../ports/job-queue.js";
import type { Storage } from "../../ports/storage.js";

/** A queue under test, and what belongs to it. */
export interface JobQueueUnderTest {
  /**
   * Instances that share one queue, each like one of another process; one is enough if the implementation supports only
   * one process. The queue is empty, and nobody else uses it.
   */
  readonly queues: readonly [JobQueue, ...JobQueue[]];
  /** The storage whose credentials the jobs are about. */
  readonly storage: Storage;
  /** Lets so many milliseconds pass by the queue's clock, at once: tests let hours pass. */
  readonly passTime: (ms: number) => void | Promise<void>;
  /** The time by the queue's clock. */
  readonly now: () => number | Promise<number>;
  /**
   * Runs work in a transaction of the storage, which is rolled back if the work fails.
   * @defaultValue none: jobs are not enqueued within transactions
   */
  readonly transaction?: ((work: (transaction: unknown) => Promise<void>) => Promise<void>) | undefined;
  /** Called after the test. @defaultValue closes the queues and the storage */
  readonly close?: (() => Promise<void>) | undefined;
}
