import type { Clock } from "../ports/clock.js";

/** How long a step of the recovery takes. */
const stepMs = 10_000;
/** The fraction of the full rate that a step adds. */
const stepShare = 0.1;

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
    const steps = Math.max(0, Math.floor((clock.now() - lowered.since) / stepMs));
    const climbed = lowered.rate + steps * Math.max(1, Math.floor(full * stepShare));
    if (climbed >= full) lowered = null;
    return Math.min(climbed, full);
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
