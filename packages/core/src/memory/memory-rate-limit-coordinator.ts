import { systemClock } from "../async/system-clock.js";
import { type AdaptiveRate, createAdaptiveRate } from "../http/adaptive-rate.js";
import type { Clock } from "../ports/clock.js";
import {
  backgroundHorizonMs,
  interactiveHorizonMs,
  type RateLimitCoordinator,
  type SharedBudget,
} from "../ports/rate-limit-coordinator.js";

const secondMs = 1000;

interface Budget {
  readonly rate: AdaptiveRate;
  nextSlotAt: number;
  pausedUntil: number;
  last429At: number | null;
}

/**
 * Shares one budget among the instances of one process that are given the same coordinator. A single instance
 * needs none.
 *
 * @example
 * const rateLimitCoordinator = memoryRateLimitCoordinator();
 * const titans = hosts.map((host) => createTitanSync({ ...host, rateLimitCoordinator }));
 */
export function memoryRateLimitCoordinator({
  clock = systemClock,
}: {
  /** @defaultValue the machine's */
  readonly clock?: Clock | undefined;
} = {}): RateLimitCoordinator {
  const budgets = new Map<string, Budget>();

  function budgetOf({
    key,
    ratePerSecond,
  }: {
    readonly key: string;
    readonly ratePerSecond: number;
  }): Budget {
    const known = budgets.get(key);
    known?.rate.setFull(ratePerSecond);
    const never = Number.NEGATIVE_INFINITY;
    const budget = known ?? {
      rate: createAdaptiveRate(ratePerSecond, clock),
      nextSlotAt: never,
      pausedUntil: never,
      last429At: null,
    };
    budgets.set(key, budget);
    return budget;
  }

  function stateOf({ rate, pausedUntil, last429At }: Budget): SharedBudget {
    const at = clock.now();
    return {
      at,
      ratePerSecond: rate.current(),
      pausedUntil: pausedUntil > at ? pausedUntil : null,
      last429At,
    };
  }

  return {
    async reserve(params) {
      const budget = budgetOf(params);
      const state = stateOf(budget);
      if (state.pausedUntil !== null) return { ...state, slots: [], nextAt: state.pausedUntil };

      const horizonMs = params.priority === "interactive" ? interactiveHorizonMs : backgroundHorizonMs;
      // A clock that was set back leaves a time far in the future.
      const isLeftBehind = budget.nextSlotAt > state.at + 2 * interactiveHorizonMs;
      const first = isLeftBehind ? state.at : Math.max(budget.nextSlotAt, state.at);
      const gapMs = (secondMs + params.slotLifeMs) / state.ratePerSecond;
      const within = Math.floor((state.at + horizonMs - first) / gapMs) + 1;
      const count = Math.max(0, Math.min(params.wanted, within));
      budget.nextSlotAt = first + count * gapMs;
      return {
        ...state,
        slots: Array.from({ length: count }, (_slot, index) => first + index * gapMs),
        nextAt: budget.nextSlotAt - horizonMs,
      };
    },

    async throttle(params) {
      const budget = budgetOf(params);
      const now = clock.now();
      const isNew =
        now >= budget.pausedUntil && (budget.last429At === null || now - budget.last429At >= secondMs);
      budget.last429At = now;
      budget.pausedUntil = Math.max(budget.pausedUntil, now + params.pauseMs);
      if (isNew) budget.rate.halve(now + params.pauseMs);
      return stateOf(budget);
    },
  };
}
