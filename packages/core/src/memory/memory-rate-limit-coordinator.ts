import { systemClock } from "../async/system-clock.js";
import { type RateBudget, reserveSlots, throttleBudget, unusedBudget } from "../http/rate-budget.js";
import type { Clock } from "../ports/clock.js";
import type { RateLimitCoordinator } from "../ports/rate-limit-coordinator.js";

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
  const budgets = new Map<string, RateBudget>();
  return {
    async reserve(params) {
      const { budget, reservation } = reserveSlots(
        budgets.get(params.key) ?? unusedBudget,
        params,
        clock.now(),
      );
      budgets.set(params.key, budget);
      return reservation;
    },
    async throttle(params) {
      const { budget, state } = throttleBudget(budgets.get(params.key) ?? unusedBudget, params, clock.now());
      budgets.set(params.key, budget);
      return state;
    },
  };
}
