import {
  type Alerts,
  createSyncWorker,
  type JobQueue,
  type Scheduler,
  type Storage,
  type SyncWorker,
  startAlerts,
  startScheduler,
} from "@titan-sync/core";
import { alertChannels, heartbeatOf } from "../alerts/alert-channels.js";
import { measurePlatform } from "../alerts/measure-platform.js";
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
  /** Every service watches: whichever is left reports that the others are gone. */
  readonly alerts: Alerts;
  /**
   * Resolves when the signal is aborted and everything has been handed over, within 8 seconds.
   * @throws what ended the worker before, which only a defect can do.
   */
  untilStopped(signal: AbortSignal): Promise<void>;
}

/** Starts what syncs by itself on the open database. */
export function startService(
  { titan, database, logger, settings }: Pick<OpenTitan, "titan" | "database" | "logger" | "settings">,
  { schedules, works, concurrency, queue, output }: ServiceOptions,
): Service {
  const storage = database.storage();
  const worker = works ? createSyncWorker({ titan, storage, queue, concurrency, logger }) : null;
  worker?.subscribe(output.event);
  const scheduler = schedules ? startScheduler({ storage, queue, logger, onStart: output.start }) : null;

  const alerts = startAlerts({
    ...{ storage, queue, logger },
    notifiers: alertChannels(settings.alerts),
    thresholds: settings.alerts.thresholds,
    heartbeat: heartbeatOf(settings.alerts),
    measure: () => measurePlatform(settings),
  });

  return {
    storage,
    scheduler,
    worker,
    alerts,
    async untilStopped(signal) {
      try {
        const death = worker?.finished ?? new Promise<never>(() => undefined);
        await Promise.race([aborted(signal), death]);
      } finally {
        await Promise.all([scheduler?.close(), worker?.close(), alerts.close()]);
      }
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
