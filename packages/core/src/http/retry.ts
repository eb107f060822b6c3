import { ConstantBackoff, handleWhen, retry } from "cockatiel";
import { sleep } from "../async/aborted.js";
import {
  ApiError,
  AuthError,
  CircuitOpenError,
  RateLimitError,
  TitanSyncError,
  TokenRequestError,
} from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { type BackoffOptions, backoffMs } from "./backoff.js";

/** If a server announces a longer wait with a failure, the request is retried after this. */
const longestAnnouncedMs = 5 * 60 * 1000;

export interface RepeatOptions extends BackoffOptions {
  /** Including the first one. @defaultValue 6 */
  readonly maxAttempts: number;
  /** No retry starts later than this after the first attempt started. @defaultValue 600000 */
  readonly maxElapsedMs: number;
}

/** Repeats work that fails for a passing reason. */
export interface Repeat {
  /**
   * @param work - Receives the number of the attempt, from 1.
   * @throws what the last attempt threw, or what the signal was aborted with.
   */
  execute<Result>(work: (attempt: number) => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

/**
 * Retry with doubling delays. Whether to repeat is read from the error, never from its text.
 */
export function createRepeat(options: {
  readonly repeat: RepeatOptions;
  readonly isRetryable: (error: unknown) => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called before the delay, which waits for it. */
  readonly onRepeat?: ((error: unknown, delayMs: number) => void | Promise<void>) | undefined;
}): Repeat {
  const { repeat, clock } = options;
  return {
    execute(work, signal) {
      const startedAt = clock.now();
      let repetition = 1;
      let delay = 0;
      const isRetryable = (error: unknown): boolean => {
        delay = delayBefore(repetition, error, repeat, options.random);
        const isInTime = clock.now() + delay - startedAt <= repeat.maxElapsedMs;
        return isInTime && options.isRetryable(error);
      };
      const policy = retry(handleWhen(isRetryable), {
        maxAttempts: repeat.maxAttempts - 1,
        // Cockatiel's own delay can neither be aborted nor use an injected clock, so the sleep is below.
        backoff: new ConstantBackoff(0),
      });
      let failure: unknown;
      return policy.execute(async ({ attempt }) => {
        if (attempt > 0) {
          await options.onRepeat?.(failure, delay);
          await sleep(clock, delay, signal);
        }
        repetition = attempt + 1;
        try {
          return await work(attempt + 1);
        } catch (error) {
          failure = error;
          throw error;
        }
      }, signal);
    },
  };
}

/**
 * Passing failures of an API call. Throttling and an open circuit are waited out elsewhere, and token requests have
 * had their own repetitions.
 */
export function isTransientApiFailure(error: unknown): boolean {
  return (
    TitanSyncError.is(error) &&
    error.retryable &&
    !(error instanceof RateLimitError) &&
    !(error instanceof CircuitOpenError) &&
    !(error instanceof AuthError)
  );
}

function delayBefore(
  repetition: number,
  failure: unknown,
  options: BackoffOptions,
  random: () => number,
): number {
  const announced =
    failure instanceof ApiError || failure instanceof TokenRequestError ? (failure.retryAfterMs ?? 0) : 0;
  return Math.max(backoffMs(repetition, options, random), Math.min(announced, longestAnnouncedMs));
}
