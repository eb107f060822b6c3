import { throwIfAborted } from "../async/aborted.js";
import { ConfigError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import { createAdaptiveRate } from "./adaptive-rate.js";
import { createRollingCount } from "./rolling-count.js";
import type { SharedSlots } from "./shared-slots.js";
import { createTurnstile } from "./turnstile.js";

/** Slightly longer than the second in which the API counts, because latencies differ. */
const windowMs = 1020;
const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Timers are late: how far calls may fall behind their even pace and still catch up, in milliseconds. */
const catchUpMs = 20;

/** Figures of this instance; what others that share its budget send is not among them. */
export interface RateLimiterStatus {
  /**
   * The current rate: lower than the requested one while it recovers after a 429, including those of
   * others.
   */
  readonly ratePerSecond: number;
  /** The requested rate. */
  readonly fullRatePerSecond: number;
  /** Slots used in the last second. */
  readonly used: number;
  /** Slots left in this second. */
  readonly remaining: number;
  /** Calls that wait for a slot. */
  readonly queued: number;
  /** How long the one that waits longest has waited, in milliseconds; 0 when none does. */
  readonly waitingMs: number;
  /** Epoch milliseconds; `null` when calls are allowed. */
  readonly pausedUntil: number | null;
  /** Epoch milliseconds; `null` when the API never throttled. */
  readonly last429At: number | null;
  /** Slots used in the last minute and the last hour, accurate to a sixtieth of either. */
  readonly lastMinute: number;
  readonly lastHour: number;
}

/** Shares out one tenant's requests per second. */
export interface RateLimiter {
  /**
   * Waits for a slot.
   * @throws {@link AbortedError} when the signal is aborted before.
   */
  acquire(options: {
    readonly signal: AbortSignal;
    /** @defaultValue "background" */
    readonly priority?: CallPriority | undefined;
  }): Promise<void>;
  /**
   * Reports a 429: no calls are sent before this time (epoch milliseconds); the latest time wins. After
   * that the rate is halved, and recovers by a tenth of the full rate every ten seconds. Calls that were
   * throttled together halve the rate once.
   */
  pauseUntil(time: number): void;
  /**
   * Changes the full rate from now on.
   * @throws {@link ConfigError} when it is not a whole number from 1.
   */
  setRate(requestsPerSecond: number): void;
  status(): RateLimiterStatus;
}

export interface RateLimiterOptions {
  /** At most this many in any rolling second; the API allows 60. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  /** Shares the budget with others. @defaultValue it is not shared */
  readonly shared?: SharedSlots | undefined;
}

/**
 * A limiter for one tenant and app key in this process: never more than the rate in any rolling second, and
 * spread evenly over it. With shared slots, never more than the rate of all who share them.
 * @throws {@link ConfigError} when the rate is not a whole number from 1.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { requestsPerSecond, clock, shared = null } = options;
  const rate = createAdaptiveRate(checkRate(requestsPerSecond), clock);
  const turnstile = createTurnstile(clock);
  const lastMinute = createRollingCount(minuteMs, clock);
  const lastHour = createRollingCount(hourMs, clock);
  /** When slots of the last window were used, oldest first. */
  let starts: number[] = [];
  /** When the next slot is due by the even pace. */
  let due = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let last429At: number | null = null;
  let pump: AbortController | null = null;

  /** A clock that was set back leaves times in the future, which would block all calls until then. */
  function startsWithin(ms: number): readonly number[] {
    const now = clock.now();
    return starts.filter((time) => time > now - ms && time <= now);
  }

  function waitMs(): number {
    const now = clock.now();
    const perWindow = rate.current();
    starts = [...startsWithin(windowMs)];
    const oldestInTheWay = starts[starts.length - perWindow];
    const windowOpens = oldestInTheWay === undefined ? now : oldestInTheWay + windowMs;
    if (due > now + windowMs) due = now;
    return Math.max(windowOpens, due, pausedUntil) - now;
  }

  function give(): void {
    const now = clock.now();
    starts.push(now);
    due = Math.max(due, now - catchUpMs) + windowMs / rate.current();
    lastMinute.add();
    lastHour.add();
    turnstile.admit();
  }

  /** Runs only while a call is waiting, so that it does not keep a process alive. */
  async function run(controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      while (!signal.aborted && turnstile.length() > 0) {
        const ms = waitMs();
        if (ms > 0) {
          await clock.sleep(ms, signal);
          continue;
        }
        if (shared !== null) {
          await shared.take({ wanted: turnstile.length(), priority: turnstile.priority() }, signal);
          // A 429 may have arrived meanwhile: then that slot is not used.
          if (waitMs() > 0) continue;
        }
        give();
      }
    } catch (error) {
      // If it was aborted, nobody is waiting anymore.
      if (!signal.aborted) turnstile.refuse(error);
    } finally {
      // Synchronously: a caller that has just got a slot may return before this function does.
      if (pump === controller) pump = null;
    }
  }

  function start(): void {
    if (pump !== null) return;
    pump = new AbortController();
    void run(pump);
  }

  function stopWhenIdle(): void {
    if (turnstile.length() > 0) return;
    pump?.abort();
    pump = null;
  }

  /** What was learned here and what others have learned. */
  function pauseEnd(now: number): number | null {
    const until = Math.max(pausedUntil, shared?.known()?.pausedUntil ?? Number.NEGATIVE_INFINITY);
    return until > now ? until : null;
  }

  function latest429(): number | null {
    const theirs = shared?.known()?.last429At ?? null;
    return theirs === null || last429At === null ? (theirs ?? last429At) : Math.max(theirs, last429At);
  }

  return {
    async acquire({ signal, priority = "background" }) {
      throwIfAborted(signal);
      const turn = turnstile.pass(priority, signal);
      start();
      try {
        await turn;
      } finally {
        // It may have been the last one waiting, and was aborted.
        stopWhenIdle();
      }
    },

    pauseUntil(time) {
      const now = clock.now();
      const isNew = now >= pausedUntil && (last429At === null || now - last429At >= secondMs);
      last429At = now;
      pausedUntil = Math.max(pausedUntil, time);
      if (isNew) rate.halve(Math.max(now, time));
      shared?.throttle(time);
    },

    setRate: (next) => rate.setFull(checkRate(next)),

    status() {
      const now = clock.now();
      const ratePerSecond = Math.min(rate.current(), shared?.known()?.ratePerSecond ?? rate.full());
      const used = startsWithin(secondMs).length;
      return {
        ratePerSecond,
        fullRatePerSecond: rate.full(),
        used,
        remaining: Math.max(0, ratePerSecond - used),
        queued: turnstile.length(),
        waitingMs: turnstile.longestWaitMs(),
        pausedUntil: pauseEnd(now),
        last429At: latest429(),
        lastMinute: lastMinute.read(),
        lastHour: lastHour.read(),
      };
    },
  };
}

/** @throws {@link ConfigError} when it is not a whole number from 1. */
export function checkRate(requestsPerSecond: number): number {
  if (Number.isSafeInteger(requestsPerSecond) && requestsPerSecond >= 1) return requestsPerSecond;
  throw new ConfigError(
    `requestsPerSecond must be a whole number from 1, not ${JSON.stringify(requestsPerSecond)}.`,
  );
}
