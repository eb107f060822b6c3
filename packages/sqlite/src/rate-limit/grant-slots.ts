import type { Reservation, ReserveParams, SharedBudget, ThrottleParams } from "@titan-sync/core";
import { type RateBudget, reserveSlots, throttleBudget, unusedBudget } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";

/** Gives the next free slots. In a transaction: whoever comes later reads a later time. */
export function reserve(statements: Statements, params: Readonly<ReserveParams>, now: number): Reservation {
  const { budget, reservation } = reserveSlots(find(statements, params.key), params, now);
  keep(statements, params.key, budget);
  return reservation;
}

/** Nobody gets a slot before the pause is over, and fewer for some time after it. */
export function throttle(
  statements: Statements,
  params: Readonly<ThrottleParams>,
  now: number,
): SharedBudget {
  const { budget, state } = throttleBudget(find(statements, params.key), params, now);
  keep(statements, params.key, budget);
  return state;
}

function find(statements: Statements, key: string): RateBudget {
  const row = statements.get<RateBudget>(
    `SELECT next_slot_at AS nextSlotAt, paused_until AS pausedUntil, last_429_at AS last429At,
      lowered_rate AS loweredRate, lowered_since AS loweredSince
    FROM rate_limits WHERE budget_key = ?1`,
    key,
  );
  return row ?? unusedBudget;
}

function keep(statements: Statements, key: string, budget: RateBudget): void {
  statements.run(
    `INSERT INTO rate_limits (budget_key, next_slot_at, paused_until, last_429_at, lowered_rate, lowered_since)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (budget_key) DO UPDATE SET next_slot_at = excluded.next_slot_at,
      paused_until = excluded.paused_until, last_429_at = excluded.last_429_at,
      lowered_rate = excluded.lowered_rate, lowered_since = excluded.lowered_since`,
    key,
    budget.nextSlotAt,
    budget.pausedUntil,
    budget.last429At,
    budget.loweredRate,
    budget.loweredSince,
  );
}
