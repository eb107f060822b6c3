import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../ports/clock.js";

/** Node fires timers above this at once. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      for (let left = ms; left > 0; left -= longestTimerMs) {
        await delay(Math.min(left, longestTimerMs), undefined, signal === undefined ? {} : { signal });
      }
    } catch (error) {
      // Node wraps the reason into an AbortError of its own.
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
