import type { Clock } from "../ports/clock.js";

/** A wait that is long enough to be reported. */
export interface ApiWait {
  /** Epoch milliseconds; it may turn out to be longer. */
  readonly until: number;
  /** The API throttled, or did not respond to several consecutive requests. */
  readonly reason: "throttled" | "circuit-open";
}

/** Shorter waits are normal. */
const longWaitMs = 10_000;

/** Reports long waits, once for all calls that wait for the same reason. */
export function createLongWaits(clock: Clock, notify: (wait: ApiWait) => void): (wait: ApiWait) => void {
  const told = new Map<ApiWait["reason"], number>();
  return (wait) => {
    const now = clock.now();
    if (wait.until - now <= longWaitMs) return;
    const before = told.get(wait.reason) ?? Number.NEGATIVE_INFINITY;
    if (before > now && wait.until - before < longWaitMs) return;
    told.set(wait.reason, wait.until);
    notify(wait);
  };
}
