import { createHash } from "node:crypto";
import PQueue from "p-queue";
import type { Secret } from "../crypto/secret.js";
import { ConfigError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { abortedError, throwIfAborted } from "./aborted.js";

/** A little longer than the second that the API counts in: requests do not all travel equally fast. */
const windowMs = 1020;
const secondMs = 1000;

/** `interactive` calls, which somebody waits for, go before `background` ones. */
export type CallPriority = "interactive" | "background";

export interface RateLimiterStatus {
  readonly ratePerSecond: number;
  /** Slots given in the last second. */
  readonly used: number;
  /** Calls that wait for a slot. */
  readonly queued: number;
  /** Epoch milliseconds; `null` when calls are allowed. */
  readonly pausedUntil: number | null;
  /** Epoch milliseconds; `null` when the API never throttled. */
  readonly last429At: number | null;
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
  /** A 429 came: nobody calls before this time (epoch milliseconds). The latest time wins. */
  pauseUntil(time: number): void;
  status(): RateLimiterStatus;
}

export interface RateLimiterOptions {
  /** At most so many in any rolling second; the API allows 60. @defaultValue 55 */
  readonly requestsPerSecond?: number | undefined;
  readonly clock: Clock;
}

/**
 * A limiter for one tenant and app key in this process.
 * @throws {@link ConfigError} when the rate is not a whole number from 1.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { requestsPerSecond = 55, clock } = options;
  if (!Number.isSafeInteger(requestsPerSecond) || requestsPerSecond < 1) {
    throw new ConfigError(
      `requestsPerSecond must be a whole number from 1, not ${JSON.stringify(requestsPerSecond)}.`,
    );
  }
  // Strict: a window that slides. Fixed ones let twice the rate into a second across their edge.
  const queue = new PQueue({ strict: true, interval: windowMs, intervalCap: requestsPerSecond });
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let last429At: number | null = null;
  let waiting = 0;
  let waking: AbortController | null = null;
  let starts: number[] = [];

  /** Opens the queue when the pause is over. Runs only while somebody waits, so that it keeps no process alive. */
  async function wake(signal: AbortSignal): Promise<void> {
    while (clock.now() < pausedUntil) await clock.sleep(pausedUntil - clock.now(), signal);
    waking = null;
    queue.start();
  }

  function ensureAwake(): void {
    if (waking !== null || !queue.isPaused) return;
    const controller = new AbortController();
    waking = controller;
    wake(controller.signal).catch(() => {
      if (waking === controller) waking = null;
    });
  }

  const recentStarts = (): number[] => starts.filter((time) => time > clock.now() - secondMs);

  return {
    async acquire({ signal, priority = "background" }) {
      throwIfAborted(signal);
      waiting += 1;
      ensureAwake();
      try {
        await queue.add(() => undefined, { priority: priority === "interactive" ? 1 : 0, signal });
      } catch (error) {
        throw signal.aborted ? abortedError(signal) : error;
      } finally {
        waiting -= 1;
        if (waiting === 0) {
          waking?.abort();
          waking = null;
        }
      }
      starts = [...recentStarts(), clock.now()];
    },

    pauseUntil(time) {
      last429At = clock.now();
      if (time <= pausedUntil || time <= clock.now()) return;
      pausedUntil = time;
      queue.pause();
      if (waiting > 0) ensureAwake();
    },

    status: () => ({
      ratePerSecond: requestsPerSecond,
      used: recentStarts().length,
      queued: waiting,
      pausedUntil: pausedUntil > clock.now() ? pausedUntil : null,
      last429At,
    }),
  };
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
