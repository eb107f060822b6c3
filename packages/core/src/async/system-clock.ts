import type { Clock } from "../ports/clock.js";

/** Node fires timers above this at once. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= longestTimerMs) {
      signal?.throwIfAborted();
      await timer(Math.min(left, longestTimerMs), signal);
    }
  },
};

/**
 * Not the one of `node:timers/promises`: its abort error, which nobody needs, costs more than everything
 * else.
 */
function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(running);
      reject(signal?.reason);
    };
    const running = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
