import { createHash } from "node:crypto";
import type { Secret } from "../crypto/secret.js";
import { ConfigError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { abortedError, throwIfAborted } from "./aborted.js";
import { createAdaptiveRate } from "./adaptive-rate.js";
import { createRollingCount } from "./rolling-count.js";

/** A little longer than the second that the API counts in: requests do not all travel equally fast. */
const windowMs = 1020;
const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Timers come late: how far calls may fall behind their even pace and still make up for it, in milliseconds. */
const catchUpMs = 20;

/** `interactive` calls, which somebody waits for, go before `background` ones. */
export type CallPriority = "interactive" | "background";

export interface RateLimiterStatus {
  /** At the moment: lower than what was asked for while it climbs back after a 429. */
  readonly ratePerSecond: number;
  /** What was asked for. */
  readonly fullRatePerSecond: number;
  /** Slots given in the last second. */
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
  /** Slots given in the last minute and the last hour, to a sixtieth of either. */
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
   * A 429 came: nobody calls before this time (epoch milliseconds); the latest time wins. From then on calls
   * go at half the rate, which climbs back by a tenth of the full one every ten seconds. What was throttled
   * together halves the rate once.
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
  /** At most so many in any rolling second; the API allows 60. @defaultValue 55 */
  readonly requestsPerSecond?: number | undefined;
  readonly clock: Clock;
}

interface Waiter {
  readonly since: number;
  readonly proceed: () => void;
}

/**
 * A limiter for one tenant and app key in this process: never more than the rate in any rolling second, and
 * spread evenly over it.
 * @throws {@link ConfigError} when the rate is not a whole number from 1.
 */
export function createRateLimiter({ requestsPerSecond = 55, clock }: RateLimiterOptions): RateLimiter {
  const rate = createAdaptiveRate(checkRate(requestsPerSecond), clock);
  const waiting: Readonly<Record<CallPriority, Set<Waiter>>> = {
    interactive: new Set(),
    background: new Set(),
  };
  const lastMinute = createRollingCount(minuteMs, clock);
  const lastHour = createRollingCount(hourMs, clock);
  /** When slots of the last window were given, oldest first. */
  let starts: number[] = [];
  /** When the next slot is due by the even pace. */
  let due = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let last429At: number | null = null;
  let pump: AbortController | null = null;

  const queued = (): number => waiting.interactive.size + waiting.background.size;

  /** A clock that was set back leaves times that have not come: they would block everybody until then. */
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
    const queue = waiting.interactive.size > 0 ? waiting.interactive : waiting.background;
    const [next] = queue;
    if (next === undefined) return;
    queue.delete(next);
    const now = clock.now();
    starts.push(now);
    due = Math.max(due, now - catchUpMs) + windowMs / rate.current();
    lastMinute.add();
    lastHour.add();
    next.proceed();
  }

  /** Runs only while somebody waits, so that it keeps no process alive. */
  async function run(controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      while (!signal.aborted && queued() > 0) {
        const ms = waitMs();
        if (ms <= 0) give();
        else await clock.sleep(ms, signal);
      }
    } finally {
      // At once: whoever has just been given a slot may come back before this function has returned.
      if (pump === controller) pump = null;
    }
  }

  function start(): void {
    if (pump !== null) return;
    pump = new AbortController();
    // It fails only by being stopped, when nobody waits any more.
    run(pump).catch(() => undefined);
  }

  function leave(queue: Set<Waiter>, waiter: Waiter): void {
    queue.delete(waiter);
    if (queued() > 0) return;
    pump?.abort();
    pump = null;
  }

  return {
    async acquire({ signal, priority = "background" }) {
      throwIfAborted(signal);
      await new Promise<void>((resolve, reject) => {
        const queue = waiting[priority];
        const stop = (): void => {
          leave(queue, waiter);
          reject(abortedError(signal));
        };
        const waiter: Waiter = {
          since: clock.now(),
          proceed: () => {
            signal.removeEventListener("abort", stop);
            resolve();
          },
        };
        queue.add(waiter);
        signal.addEventListener("abort", stop, { once: true });
        start();
      });
    },

    pauseUntil(time) {
      const now = clock.now();
      const isNew = now >= pausedUntil && (last429At === null || now - last429At >= secondMs);
      last429At = now;
      pausedUntil = Math.max(pausedUntil, time);
      if (isNew) rate.halve(Math.max(now, time));
    },

    setRate: (next) => rate.setFull(checkRate(next)),

    status() {
      const now = clock.now();
      const ratePerSecond = rate.current();
      const used = startsWithin(secondMs).length;
      const since = [...waiting.interactive, ...waiting.background].map((waiter) => waiter.since);
      return {
        ratePerSecond,
        fullRatePerSecond: rate.full(),
        used,
        remaining: Math.max(0, ratePerSecond - used),
        queued: queued(),
        waitingMs: since.length === 0 ? 0 : now - Math.min(...since),
        pausedUntil: pausedUntil > now ? pausedUntil : null,
        last429At,
        lastMinute: lastMinute.read(),
        lastHour: lastHour.read(),
      };
    },
  };
}

function checkRate(requestsPerSecond: number): number {
  if (Number.isSafeInteger(requestsPerSecond) && requestsPerSecond >= 1) return requestsPerSecond;
  throw new ConfigError(
    `requestsPerSecond must be a whole number from 1, not ${JSON.stringify(requestsPerSecond)}.`,
  );
}

/** One limiter per tenant and app key: that pair is what ServiceTitan counts. */
export interface RateLimiters {
  /** The same limiter for the same pair. */
  for(tenantId: string, appKey: Secret): RateLimiter;
}

/** The limiters of one instance; two instances never share any. */
export function createRateLimiters(options: RateLimiterOptions): RateLimiters {
  const limiters = new Map<string, RateLimiter>();
  return {
    for(tenantId, appKey) {
      // A digest, so that no app key lies about as a map's key.
      const key = `${tenantId} ${createHash("sha256").update(appKey.reveal()).digest("base64")}`;
      const known = limiters.get(key);
      if (known !== undefined) return known;
      const limiter = createRateLimiter(options);
      limiters.set(key, limiter);
      return limiter;
    },
  };
}
