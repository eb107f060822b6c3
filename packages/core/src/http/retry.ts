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

/** A server that announces a longer wait with a failure is asked again after this. */
const longestAnnouncedMs = 5 * 60 * 1000;

export interface RepeatOptions extends BackoffOptions {
  /** The first one included. @defaultValue 6 */
  readonly maxAttempts: number;
  /** No repetition begins later than this after the first attempt began. @defaultValue 600000 */
  readonly maxElapsedMs: number;
}

/** Repeats work that fails for a passing reason. */
export interface Repeat {
  /**
   * @param work - Gets the number of the attempt, from 1.
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
  /** Before the delay, which it holds up. */
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
        // Cockatiel's own delay can be neither aborted nor driven by a clock, so the delay is slept below.
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
