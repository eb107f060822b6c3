import type { RateLimiter } from "../http/rate-limiter.js";
import type { Clock } from "../ports/clock.js";

/** Gives slots at once, except during a pause, which it sleeps through. */
export function createOpenLimiter(clock: Clock): RateLimiter {
  let pausedUntil: number | null = null;
  return {
    async acquire({ signal }) {
      if (pausedUntil !== null && pausedUntil > clock.now())
        await clock.sleep(pausedUntil - clock.now(), signal);
      pausedUntil = null;
    },
    pauseUntil: (time) => {
      pausedUntil = Math.max(pausedUntil ?? 0, time);
    },
    setRate: () => undefined,
    status: () => ({
      ratePerSecond: 55,
      fullRatePerSecond: 55,
      used: 0,
      remaining: 55,
      queued: 0,
      waitingMs: 0,
      pausedUntil,
      last429At: null,
      lastMinute: 0,
      lastHour: 0,
    }),
  };
}
