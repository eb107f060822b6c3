import type { Clock } from "../ports/clock.js";

/** Lets one loop sleep until something calls it, or a time has passed. */
export interface WakeUp {
  /** Wakes the sleeper; if nobody sleeps, the next sleep ends at once. */
  call(): void;
  /** Forgets calls so far: what they were about is looked at now. */
  reset(): void;
  /** @returns whether it was called. Ends at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<boolean>;
}

export function createWakeUp(clock: Clock): WakeUp {
  let isCalled = false;
  let sleeping: AbortController | null = null;
  return {
    call() {
      isCalled = true;
      sleeping?.abort();
    },
    reset() {
      isCalled = false;
    },
    async sleep(ms, signal) {
      if (isCalled || signal.aborted) return isCalled;
      sleeping = new AbortController();
      try {
        await clock.sleep(ms, AbortSignal.any([sleeping.signal, signal]));
      } catch (error) {
        // A clock that fails by itself must not be mistaken for a call: the loop would spin.
        if (!sleeping.signal.aborted && !signal.aborted) throw error;
      } finally {
        sleeping = null;
      }
      return isCalled;
    },
  };
}
