import { orAborted, sleep, throwIfAborted } from "../async/aborted.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority, RateLimitCoordinator, SharedBudget } from "../ports/rate-limit-coordinator.js";
import { createClockBounds } from "./clock-bounds.js";

/**
 * How late a slot may be used, because timers are late. A coordinator's second is longer by the same
 * amount.
 */
const slotLifeMs = 30;
/** A slot can be used for at least this long, however inaccurately the clocks are known. */
const minLifeMs = 5;
/** If the clocks are known this accurately, enough of a slot's lifetime is left. */
const goodLoosenessMs = slotLifeMs / 2;
/**
 * A response that had to wait for a connection says little about the clocks: how often to request a better
 * one.
 */
const maxLooseAnswers = 5;
/** Slots are requested for a tenth of a second: few requests, and nobody waits long for others' slots. */
const batchesPerSecond = 10;

/** Calls that wait for slots. */
export interface SlotDemand {
  readonly wanted: number;
  readonly priority: CallPriority;
}

/** What is known of a shared budget; times are epoch milliseconds by this process's clock. */
export type KnownBudget = Pick<SharedBudget, "ratePerSecond" | "pausedUntil" | "last429At">;

/** One instance's part of a budget that it shares with others. */
export interface SharedSlots {
  /**
   * Waits until a slot may be used, and takes it.
   * @throws what the coordinator throws, and the signal's reason.
   */
  take(demand: SlotDemand, signal: AbortSignal): Promise<void>;
  /**
   * Reports a 429 to the others, at once or, if that fails, before the next slot.
   * @param until - By this process's clock.
   */
  throttle(until: number): void;
  /** `null` before the first answer. */
  known(): KnownBudget | null;
}

export function createSharedSlots(options: {
  readonly coordinator: RateLimitCoordinator;
  readonly key: string;
  readonly clock: Clock;
  readonly ratePerSecond: () => number;
}): SharedSlots {
  const { coordinator, key, clock } = options;
  const bounds = createClockBounds();
  let slots: readonly number[] = [];
  let known: KnownBudget | null = null;
  let nextAt = Number.NEGATIVE_INFINITY;
  let looseAnswers = 0;
  let asking: Promise<void> | null = null;
  /** When the pause of a 429 not yet reported to the others ends, by our clock. */
  let untoldUntil: number | null = null;
  let telling: Promise<void> | null = null;

  async function ask<Answer extends SharedBudget>(question: () => Promise<Answer>): Promise<Answer> {
    const askedAt = clock.now();
    const answer = await question();
    bounds.add({ askedAt, theirs: answer.at, answeredAt: clock.now() });
    const { ratePerSecond, pausedUntil, last429At } = answer;
    known = {
      ratePerSecond,
      pausedUntil: pausedUntil === null ? null : bounds.surelyReached(pausedUntil),
      last429At: last429At === null ? null : bounds.surelyReached(last429At),
    };
    if (pausedUntil !== null) slots = [];
    return answer;
  }

  async function reserve({ wanted, priority }: SlotDemand): Promise<void> {
    const ratePerSecond = options.ratePerSecond();
    const isWellKnown = (): boolean => bounds.looseness() <= goodLoosenessMs;
    const most = isWellKnown() ? Math.max(1, Math.floor(ratePerSecond / batchesPerSecond)) : 1;
    const answer = await ask(() =>
      coordinator.reserve({ key, wanted: Math.min(wanted, most), ratePerSecond, slotLifeMs, priority }),
    );
    looseAnswers = isWellKnown() ? 0 : looseAnswers + 1;
    const isUsable = looseAnswers === 0 || looseAnswers > maxLooseAnswers;
    slots = [...slots, ...(isUsable ? answer.slots : [])];
    nextAt = answer.slots.length > 0 ? Number.NEGATIVE_INFINITY : bounds.surelyReached(answer.nextAt);
  }

  /** One request at a time. */
  function refill(demand: SlotDemand): Promise<void> {
    asking ??= reserve(demand).finally(() => {
      asking = null;
    });
    return asking;
  }

  async function notifyOthers(): Promise<void> {
    const until = untoldUntil;
    if (until === null) return;
    const pauseMs = Math.max(0, until - clock.now());
    await ask(() => coordinator.throttle({ key, ratePerSecond: options.ratePerSecond(), pauseMs }));
    if (untoldUntil === until) untoldUntil = null;
  }

  function notify(): Promise<void> {
    telling ??= notifyOthers().finally(() => {
      telling = null;
    });
    return telling;
  }

  function forgetLate(): void {
    const now = clock.now();
    slots = slots.filter((slot) => {
      const reachedAt = bounds.surelyReached(slot);
      // It may be a millisecond later than the clock shows.
      return now < Math.max(bounds.notYetPassed(slot) + slotLifeMs, reachedAt + minLifeMs);
    });
  }

  /** Slots that are requested while some are left arrive in time. */
  function refillInTime({ wanted, priority }: SlotDemand): void {
    if (slots.length > 1 || wanted <= slots.length || asking !== null || clock.now() < nextAt) return;
    // A call that finds no slot asks again, and learns of a lasting failure.
    refill({ wanted: wanted - slots.length, priority }).catch(() => undefined);
  }

  return {
    async take(demand, signal) {
      for (;;) {
        throwIfAborted(signal);
        if (untoldUntil !== null) {
          await orAborted(notify, signal);
          continue;
        }
        forgetLate();
        const [next] = slots;
        if (next === undefined) {
          if (asking === null && nextAt > clock.now()) await sleep(clock, nextAt - clock.now(), signal);
          else await orAborted(() => refill(demand), signal);
          continue;
        }
        refillInTime(demand);
        const waitMs = bounds.surelyReached(next) - clock.now();
        if (waitMs > 0) {
          await sleep(clock, waitMs, signal);
          continue;
        }
        slots = slots.slice(1);
        return;
      }
    },

    throttle(until) {
      slots = [];
      untoldUntil = Math.max(untoldUntil ?? until, until);
      // The next call that needs a slot reports it again, and learns of a lasting failure.
      notify().catch(() => undefined);
    },

    known: () => known,
  };
}
