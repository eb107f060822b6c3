import { TaskCancelledError, TimeoutStrategy, timeout } from "cockatiel";
import { orAborted, throwIfAborted } from "../async/aborted.js";
import { RateLimitError, TimeoutError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import { backoffMs } from "./backoff.js";
import type { CallGuard } from "./call-guards.js";
import { type ApiWait, createLongWaits } from "./long-waits.js";
import type { RateLimiter } from "./rate-limiter.js";
import { createRepeat, isTransientApiFailure, type RepeatOptions } from "./retry.js";
import { queuePriority } from "./turnstile.js";

export interface RetryOptions extends RepeatOptions {
  /** For one request, from its slot to the end of its body. @defaultValue 60000 */
  readonly attemptTimeoutMs: number;
  /** How long one call waits out throttling before it gives up. @defaultValue 600000 */
  readonly maxThrottledMs: number;
}

export const defaultRetryOptions: RetryOptions = {
  maxAttempts: 6,
  maxElapsedMs: 600_000,
  firstDelayMs: 1000,
  maxDelayMs: 60_000,
  jitter: 0.25,
  attemptTimeoutMs: 60_000,
  maxThrottledMs: 600_000,
};

/**
 * The rate is counted per second: after an announced wait of zero, the next request would be throttled
 * again.
 */
const shortestPauseMs = 1000;

/** Sends one request in its own slot; `send` must stop when its signal is aborted. */
export type Slot = <Result>(send: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

/** How calls of the API fail and come back. */
export interface CallPolicy {
  /**
   * @param call - One attempt, numbered from 1, which sends its requests through `slot`.
   * @throws {@link RateLimitError} when throttling outlasts `maxThrottledMs`, {@link CircuitOpenError} when the
   * circuit stays open beyond `maxElapsedMs`, {@link TimeoutError} when the last attempt had no answer in
   * time, otherwise what the last attempt threw.
   */
  execute<Result>(
    call: (attempt: number, slot: Slot) => Promise<Result>,
    options: { readonly signal: AbortSignal; readonly priority: CallPriority },
  ): Promise<Result>;
}

/**
 * The resilience of an API call, all of it. From outside in: repetition, circuit breaker, patience with throttling;
 * and for each request of an attempt the bulkhead, the limiter's slot and the deadline.
 */
export function createCallPolicy(options: {
  readonly retry: RetryOptions;
  readonly limiter: RateLimiter;
  /** @defaultValue nothing is kept back */
  readonly guard?: CallGuard | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRepeat: () => void;
  readonly onThrottled: () => void;
  /** Receives how long each request waited for its slot, in milliseconds. */
  readonly onSlot?: ((waitedMs: number) => void) | undefined;
  /** Receives long waits for throttling and for an open circuit. */
  readonly onWait?: ((wait: ApiWait) => void) | undefined;
}): CallPolicy {
  const { limiter, clock } = options;
  const recordWait = createLongWaits(clock, (wait) => options.onWait?.(wait));
  const { circuit, bulkhead } = options.guard ?? unguarded;
  const repeat = createRepeat({
    repeat: options.retry,
    isRetryable: isTransientApiFailure,
    clock,
    random: options.random,
    onRepeat: options.onRepeat,
  });
  const deadline = timeout(options.retry.attemptTimeoutMs, {
    // A fetch passed by the host may ignore its signal.
    strategy: TimeoutStrategy.Aggressive,
    // After a response has been read, there is nothing left to stop.
    abortOnReturn: false,
  });

  return {
    execute(call, { signal, priority }) {
      const throttling = createThrottleWait({ ...options, recordWait });
      const giveUpAt = clock.now() + options.retry.maxElapsedMs;
      const slot: Slot = (send) => {
        // The slot comes last: one that is not used at once is lost.
        const work = async () => {
          const since = clock.now();
          await limiter.acquire({ signal, priority });
          options.onSlot?.(clock.now() - since);
          return await tellApart(() => deadline.execute((context) => send(context.signal), signal), signal);
        };
        const place = { priority: queuePriority[priority], signal };
        return orAborted(() => bulkhead.add(work, place), signal);
      };
      const attemptOnce = (attempt: number) => throttling.waitOut(() => call(attempt, slot));
      return repeat.execute(
        (attempt) =>
          circuit.execute(() => attemptOnce(attempt), {
            signal,
            priority,
            giveUpAt,
            onWait: (until) => recordWait({ until, reason: "circuit-open" }),
          }),
        signal,
      );
    },
  };
}

const unguarded = {
  circuit: { execute: <Result>(work: () => Promise<Result>) => work() },
  bulkhead: { add: <Result>(work: () => Promise<Result>) => work() },
};

/** Waits out throttling without spending attempts, up to the limit of one call. */
function createThrottleWait(options: {
  readonly retry: RetryOptions;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onThrottled: () => void;
  readonly recordWait: (wait: ApiWait) => void;
}): { waitOut<Result>(work: () => Promise<Result>): Promise<Result> } {
  const { limiter, clock, retry } = options;
  let throttledSince: number | null = null;
  let times = 0;
  const allows = (until: number): boolean => until - (throttledSince ?? clock.now()) <= retry.maxThrottledMs;
  return {
    async waitOut(work) {
      for (;;) {
        const pausedUntil = limiter.status().pausedUntil;
        if (pausedUntil !== null && !allows(pausedUntil)) throw pausedTooLong(pausedUntil - clock.now());
        if (pausedUntil !== null) options.recordWait({ until: pausedUntil, reason: "throttled" });
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof RateLimitError)) throw error;
          times += 1;
          throttledSince ??= clock.now();
          options.onThrottled();
          const wait = error.retryAfterMs ?? backoffMs(times, retry, options.random);
          const until = clock.now() + Math.max(wait, shortestPauseMs);
          limiter.pauseUntil(until);
          if (!allows(until)) throw error;
        }
      }
    },
  };
}

function pausedTooLong(retryAfterMs: number): RateLimitError {
  return new RateLimitError("The API throttled this tenant for longer than a call may wait.", {
    status: 429,
    requestId: null,
    retryAfterMs,
  });
}

/** Cockatiel reports an aborted caller and an exceeded deadline in the same way. */
async function tellApart<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof TaskCancelledError) {
      throw new TimeoutError("The API did not respond in time.", { cause: error });
    }
    throw error;
  }
}
