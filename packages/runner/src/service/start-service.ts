import {
  createSyncWorker,
  type JobQueue,
  type Scheduler,
  type Storage,
  type SyncWorker,
  startScheduler,
} from "@titan-sync/core";
import type { OpenTitan } from "../database/with-titan.js";
import type { ServiceOutput } from "./service-output.js";

export interface ServiceOptions {
  readonly schedules: boolean;
  readonly works: boolean;
  /** @defaultValue the worker's */
  readonly concurrency?: number | undefined;
  /** Of the open database. */
  readonly queue: JobQueue;
  /** Told of everything that happens. */
  readonly output: ServiceOutput;
}

/** The parts of a program that keeps running. */
export interface Service {
  readonly storage: Pick<Storage, "findLastTick">;
  /** `null` without one. */
  readonly scheduler: Scheduler | null;
  readonly worker: SyncWorker | null;
  /**
   * Resolves when the signal is aborted and everything has been handed over, within 8 seconds.
   * @throws what ended the worker before, which only a defect can do.
   */
  untilStopped(signal: AbortSignal): Promise<void>;
}

/** Starts what syncs by itself on the open database. */
export function startService(
  { titan, database, logger }: Pick<OpenTitan, "titan" | "database" | "logger">,
  { schedules, works, concurrency, queue, output }: ServiceOptions,
): Service {
  const storage = database.storage();
  const worker = works ? createSyncWorker({ titan, storage, queue, concurrency, logger }) : null;
  worker?.subscribe(output.event);
  const scheduler = schedules ? startScheduler({ storage, queue, logger, onStart: output.start }) : null;

  return {
    storage,
    scheduler,
    worker,
    async untilStopped(signal) {
      try {
        const death = worker?.finished ?? new Promise<never>(() => undefined);
        await Promise.race([aborted(signal), death]);
      } finally {
        await Promise.all([scheduler?.close(), worker?.close()]);
      }
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
