import type { Clock } from "../ports/clock.js";

/** A clock that only advances when a test moves it. */
export interface ManualClock extends Clock {
  /** Advances by `ms` milliseconds and resolves each `sleep` whose time has come. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** @param start - Epoch milliseconds. */
export function manualClock(start = Date.UTC(2026, 2, 1)): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    advance(ms) {
      now += ms;
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      if (ms <= 0) return;
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", abort);
        };
        const sleeper: Sleeper = {
          until: now + ms,
          wake: () => {
            leave();
            resolve();
          },
        };
        const abort = (): void => {
          leave();
          reject(signal?.reason);
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", abort);
      });
    },
  };
}
