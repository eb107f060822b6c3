import type { Clock } from "../ports/clock.js";

/** A clock that a test moves. */
export interface FakeClock extends Clock {
  /** The durations of all sleeps, in milliseconds, in the order in which they started. */
  readonly sleeps: readonly number[];
  /** The current number of sleepers. */
  sleeping(): number;
  /** Moves time by `ms`, waking sleepers at their times, one after another. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Runs everything that does not sleep by this clock, including timers of zero milliseconds but not work of
 * other threads, such as encryption.
 */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** The same without timers, each of which takes a real millisecond. */
async function settleAtOnce(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Time only advances when the test moves it.
 *
 * @param options.isQuick - Whether steps take no real time, for the thousands of steps within an hour. What wakes and
 * then waits for other threads, such as encryption, is overtaken by time.
 */
export function createFakeClock(
  start = Date.UTC(2026, 0, 1),
  { isQuick = false }: { readonly isQuick?: boolean } = {},
): FakeClock {
  let now = start;
  const sleeps: number[] = [];
  const sleepers = new Set<Sleeper>();

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    sleeps.push(ms);
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        until: now + ms,
        wake: () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  return {
    sleeps,
    now: () => now,
    sleep,
    sleeping: () => sleepers.size,
    async advance(ms) {
      const end = now + ms;
      if (isQuick) await settle();
      for (;;) {
        await (isQuick ? settleAtOnce() : settle());
        const next = [...sleepers].sort((a, b) => a.until - b.until)[0];
        if (next === undefined || next.until > end) break;
        now = next.until;
        next.wake();
      }
      now = end;
      await settle();
    },
  };
}

/** Nobody waits: each sleep moves time to its end at once. */
export function createSkippingClock(
  start = Date.UTC(2026, 0, 1),
): Clock & { readonly sleeps: readonly number[] } {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
    },
  };
}
