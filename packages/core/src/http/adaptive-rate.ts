import type { Clock } from "../ports/clock.js";
import { recoveredRate } from "./rate-budget.js";

/** A rate that is halved when the API throttles, and climbs back in steps. */
export interface AdaptiveRate {
  /** Requests per second at the moment. */
  current(): number;
  /** The rate to which it recovers. */
  full(): number;
  setFull(rate: number): void;
  /** @param until - When calls start again, in epoch milliseconds: it recovers from then on. */
  halve(until: number): void;
}

export function createAdaptiveRate(rate: number, clock: Clock): AdaptiveRate {
  let full = rate;
  let lowered: { readonly rate: number; readonly since: number } | null = null;

  function current(): number {
    if (lowered === null) return full;
    const climbed = recoveredRate(lowered.rate, lowered.since, full, clock.now());
    if (climbed === full) lowered = null;
    return climbed;
  }

  return {
    current,
    full: () => full,
    setFull(next) {
      full = next;
    },
    halve(until) {
      lowered = { rate: Math.max(1, Math.floor(current() / 2)), since: until };
    },
  };
}
