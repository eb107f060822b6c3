import { AbortedError, TitanSyncError } from "../errors.js";
import type { Clock } from "../ports/clock.js";

/**
 * What to throw for an aborted signal: the error of this library that it was aborted with, such as a lost
 * lease or a deadline of ours, else an {@link AbortedError}.
 */
export function abortedError(signal: AbortSignal): TitanSyncError {
  const reason: unknown = signal.reason;
  if (TitanSyncError.is(reason)) return reason;
  return new AbortedError("The work was stopped.", { cause: reason });
}

/** @throws as {@link abortedError} says, when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortedError(signal);
}

/** Sleeps, and fails as {@link abortedError} says when the signal is aborted meanwhile. */
export async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** The result, or the failure that {@link abortedError} names as soon as the signal is aborted. */
export async function orAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  throwIfAborted(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(abortedError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    stop();
  }
}
