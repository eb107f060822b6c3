import type { Clock } from "../ports/clock.js";

/** How long it takes to climb a step. */
const stepMs = 10_000;
/** The part of the full rate that a step is. */
const stepShare = 0.1;

/** A rate that is halved when the API throttles, and climbs back in steps. */
export interface AdaptiveRate {
  /** Requests per second at the moment. */
  current(): number;
  /** What it climbs to. */
  full(): number;
  setFull(rate: number): void;
  /** @param until - When calls begin again, in epoch milliseconds: it climbs from then on. */
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
