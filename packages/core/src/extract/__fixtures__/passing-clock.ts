import type { Clock } from "../../ports/clock.js";

/** Time passes when somebody sleeps, which is over at once, and when the test says so. */
export interface PassingClock extends Clock {
  pass(ms: number): void;
}

export function createPassingClock(start = Date.UTC(2026, 0, 1)): PassingClock {
  let now = start;
  return {
    now: () => now,
    pass(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
    },
  };
}
