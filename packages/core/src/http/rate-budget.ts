import {
  backgroundHorizonMs,
  interactiveHorizonMs,
  type Reservation,
  type ReserveParams,
  type SharedBudget,
  type ThrottleParams,
} from "../ports/rate-limit-coordinator.js";

/** Calls that were throttled within it were throttled together; a rate counts the calls in it. */
const secondMs = 1000;
/** How long a step of the recovery after a 429 takes. */
export const recoveryStepMs = 10_000;
/** The fraction of the full rate that a step adds. */
export const recoveryStepShare = 0.1;

/** What a coordinator stores of a budget. Times are epoch milliseconds. */
export interface RateBudget {
  /** The first free slot. */
  readonly nextSlotAt: number;
  readonly pausedUntil: number | null;
  readonly last429At: number | null;
  /** The calls per second after the last 429, and when the recovery starts. */
  readonly loweredRate: number | null;
  readonly loweredSince: number | null;
}

/** A budget that nobody has used. */
export const unusedBudget: RateBudget = {
  nextSlotAt: 0,
  pausedUntil: null,
  last429At: null,
  loweredRate: null,
  loweredSince: null,
};

/** The rate after a 429: it climbs back to the full one in steps. */
export function recoveredRate(lowered: number, since: number, full: number, now: number): number {
  const steps = Math.floor(Math.max(0, now - since) / recoveryStepMs);
  return Math.min(full, lowered + steps * Math.max(1, Math.floor(full * recoveryStepShare)));
}

/** Gives the next free slots of a budget. Of two callers, the later one must pass the later time. */
export function reserveSlots(
  budget: RateBudget,
  { wanted, ratePerSecond, slotLifeMs, priority }: Readonly<ReserveParams>,
  now: number,
): { readonly budget: RateBudget; readonly reservation: Reservation } {
  const state = stateOf(budget, ratePerSecond, now);
  if (state.pausedUntil !== null) {
    return { budget, reservation: { ...state, slots: [], nextAt: state.pausedUntil } };
  }
  const horizonMs = priority === "interactive" ? interactiveHorizonMs : backgroundHorizonMs;
  // A clock that was set back leaves a time far in the future.
  const isLeftBehind = budget.nextSlotAt > now + 2 * interactiveHorizonMs;
  const first = isLeftBehind ? now : Math.max(budget.nextSlotAt, now);
  const gapMs = (secondMs + slotLifeMs) / state.ratePerSecond;
  const within = Math.floor((now + horizonMs - first) / gapMs) + 1;
  const count = Math.max(0, Math.min(wanted, within));
  const nextSlotAt = first + count * gapMs;
  return {
    budget: { ...budget, nextSlotAt },
    reservation: {
      ...state,
      slots: Array.from({ length: count }, (_slot, index) => first + index * gapMs),
      nextAt: nextSlotAt - horizonMs,
    },
  };
}

/** Pauses a budget and lowers its rate, once for all calls that were throttled together. */
export function throttleBudget(
  budget: RateBudget,
  { ratePerSecond, pauseMs }: Readonly<ThrottleParams>,
  now: number,
): { readonly budget: RateBudget; readonly state: SharedBudget } {
  const { ratePerSecond: rate, pausedUntil } = stateOf(budget, ratePerSecond, now);
  const isNew = pausedUntil === null && (budget.last429At === null || now - budget.last429At >= secondMs);
  const until = now + pauseMs;
  const throttled: RateBudget = {
    ...budget,
    ...(isNew ? { loweredRate: Math.max(1, Math.floor(rate / 2)), loweredSince: until } : {}),
    last429At: now,
    pausedUntil: Math.max(budget.pausedUntil ?? until, until),
  };
  return { budget: throttled, state: stateOf(throttled, ratePerSecond, now) };
}

function stateOf(budget: RateBudget, full: number, now: number): SharedBudget {
  const { pausedUntil, last429At, loweredRate, loweredSince } = budget;
  return {
    at: now,
    ratePerSecond:
      loweredRate === null || loweredSince === null
        ? full
        : recoveredRate(loweredRate, loweredSince, full, now),
    pausedUntil: pausedUntil !== null && pausedUntil > now ? pausedUntil : null,
    last429At,
  };
}
