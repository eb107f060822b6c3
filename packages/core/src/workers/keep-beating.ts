import { errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { WorkerBeat } from "../ports/worker-registry.js";
import type { WorkerStorage } from "./worker-storage.js";

export interface BeatOptions {
  readonly storage: Pick<WorkerStorage, "beatWorker" | "forgetWorker">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly beat: () => WorkerBeat;
}

/** So often that four beats may fail before a worker counts as gone. */
const everyMs = 20_000;

/**
 * Notes every few seconds that a worker is alive. It survives every failure of the storage.
 * @returns what ends it, and notes that the worker has stopped.
 */
export function keepBeating({ storage, clock, logger, beat }: BeatOptions): () => Promise<void> {
  const stop = new AbortController();

  async function note(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.warn({ code: errorCodeOf(error) }, "a sign of life of the worker could not be stored");
    }
  }

  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      await note(() => storage.beatWorker(beat()));
      try {
        await clock.sleep(everyMs, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    }
  }

  const beating = loop();
  beating.catch((error: unknown) => {
    logger.error({ code: errorCodeOf(error) }, "the worker gives no signs of life any longer");
  });
  return async () => {
    stop.abort();
    await beating.catch(() => undefined);
    await note(() => storage.forgetWorker(beat().id));
  };
}
