import { setMaxListeners } from "node:events";
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

/** A signal that much work at once listens to: Node 22 would warn of a leak at more than ten, as at any event target. */
export function shared(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
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

/**
 * The result of the work, or a failure as soon as the signal is aborted: the error of this library that it was aborted
 * with, else an `AbortedError`. Work is not started under a signal that is aborted already. Work that continues after
 * that is heard to its end, so that its failure ends no process.
 */
export async function orAborted<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  throwIfAborted(signal);
  const aborted = Promise.withResolvers<never>();
  // Also when the work aborts the signal and then throws before it has returned a promise.
  aborted.promise.catch(() => undefined);
  const onAbort = (): void => aborted.reject(abortedError(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted.promise, work()]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
