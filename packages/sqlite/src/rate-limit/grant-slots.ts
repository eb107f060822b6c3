import {
  backgroundHorizonMs,
  interactiveHorizonMs,
  type Reservation,
  type ReserveParams,
  type SharedBudget,
  type ThrottleParams,
} from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

const secondMs = 1000;
/**
 * How long a step of the recovery after a 429 takes, in milliseconds, and which fraction of the full rate
 * it adds.
 */
const stepMs = 10_000;
const stepShare = 0.1;

interface Budget {
  /** The first free slot. */
  readonly nextSlotAt: number;
  readonly pausedUntil: number | null;
  readonly last429At: number | null;
  /** The calls per second after the last 429, and when the recovery starts. */
  readonly loweredRate: number | null;
  readonly loweredSince: number | null;
}

/** Gives the next free slots. In a transaction: whoever comes later reads a later time. */
export function reserve(statements: Statements, params: Readonly<ReserveParams>, now: number): Reservation {
  const { key, wanted, ratePerSecond, slotLifeMs, priority } = params;
  const budget = find(statements, key, now);
  const state = stateOf(budget, ratePerSecond, now);
  if (state.pausedUntil !== null) return { ...state, slots: [], nextAt: state.pausedUntil };

  const horizonMs = priority === "interactive" ? interactiveHorizonMs : backgroundHorizonMs;
  // A clock that was set back leaves a time that will not come for long.
  const isLeftBehind = budget.nextSlotAt > now + 2 * interactiveHorizonMs;
  const first = isLeftBehind ? now : Math.max(budget.nextSlotAt, now);
  const gapMs = (secondMs + slotLifeMs) / state.ratePerSecond;
  const within = Math.floor((now + horizonMs - first) / gapMs) + 1;
  const count = Math.max(0, Math.min(wanted, within));
  const nextSlotAt = first + count * gapMs;
  keep(statements, key, { ...budget, nextSlotAt });
  return {
    ...state,
    slots: Array.from({ length: count }, (_slot, index) => first + index * gapMs),
    nextAt: nextSlotAt - horizonMs,
  };
}

/** Nobody gets a slot before the pause is over, and fewer for some time after it. */
export function throttle(
  statements: Statements,
  params: Readonly<ThrottleParams>,
  now: number,
): SharedBudget {
  const { key, ratePerSecond, pauseMs } = params;
  const budget = find(statements, key, now);
  const { ratePerSecond: rate, pausedUntil } = stateOf(budget, ratePerSecond, now);
  const isNew = pausedUntil === null && (budget.last429At === null || now - budget.last429At >= secondMs);
  const until = now + pauseMs;
  const lowered = isNew
    ? { loweredRate: Math.max(1, Math.floor(rate / 2)), loweredSince: until }
    : { loweredRate: budget.loweredRate, loweredSince: budget.loweredSince };
  const changed = {
    ...budget,
    ...lowered,
    last429At: now,
    pausedUntil: Math.max(budget.pausedUntil ?? until, until),
  };
  keep(statements, key, changed);
  return stateOf(changed, ratePerSecond, now);
}

function stateOf(budget: Budget, ratePerSecond: number, now: number): SharedBudget {
  return {
    at: now,
    ratePerSecond: rateOf(budget, ratePerSecond, now),
    pausedUntil: budget.pausedUntil !== null && budget.pausedUntil > now ? budget.pausedUntil : null,
    last429At: budget.last429At,
  };
}

/** Lower than the full one while it recovers after a 429. */
function rateOf({ loweredRate, loweredSince }: Budget, full: number, now: number): number {
  if (loweredRate === null || loweredSince === null) return full;
  const steps = Math.floor(Math.max(0, now - loweredSince) / stepMs);
  return Math.min(full, loweredRate + steps * Math.max(1, Math.floor(full * stepShare)));
}

function find(statements: Statements, key: string, now: number): Budget {
  const row = statements.get<Budget>(
    `SELECT next_slot_at AS nextSlotAt, paused_until AS pausedUntil, last_429_at AS last429At,
      lowered_rate AS loweredRate, lowered_since AS loweredSince
    FROM rate_limits WHERE budget_key = ?1`,
    key,
  );
  return (
    row ?? { nextSlotAt: now, pausedUntil: null, last429At: null, loweredRate: null, loweredSince: null }
  );
}

function keep(statements: Statements, key: string, budget: Budget): void {
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
