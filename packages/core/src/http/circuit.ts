import { orAborted, sleep, throwIfAborted } from "../async/aborted.js";
import {
  ApiError,
  AuthError,
  CircuitOpenError,
  DataError,
  type ErrorCode,
  errorCodeOf,
  InvalidCredentialsError,
  NetworkError,
  ServiceUnavailableError,
  TimeoutError,
  TokenRequestError,
} from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";

export interface CircuitOptions {
  /** Failures in a row that open it, 1 or more. @defaultValue 5 */
  readonly failures: number;
  /** How long it stays open before one call tries again, in milliseconds. @defaultValue `retry.maxDelayMs`, 60000 */
  readonly openMs: number;
  /**
   * How long calls wait for it in total, in milliseconds. If it has not closed by then, they fail, so that
   * the run of an unreachable tenant ends. @defaultValue 300000
   */
  readonly maxOpenMs: number;
}

export interface CircuitStatus {
  /** Open: no calls are sent. Half open: one trial call is sent, the others wait for its outcome. */
  readonly state: "closed" | "open" | "half-open";
  /** In a row, up to now. */
  readonly failures: number;
  /** When it opened last, in epoch milliseconds; `null` when it is closed. */
  readonly openedAt: number | null;
  /** When a call may try again, in epoch milliseconds; `null` when it is closed. */
  readonly retryAt: number | null;
  /** The last failure; `null` if nothing has failed since the last response. */
  readonly code: ErrorCode | null;
}

/** Keeps calls back while the API does not answer. */
export interface Circuit {
  /**
   * Does the work when the circuit allows it. Background calls wait until then; interactive ones fail at
   * once.
   * @param options.giveUpAt - Epoch milliseconds: a call does not wait for a later trial.
   * @throws {@link CircuitOpenError} when it is open and not waited for; else what the work throws.
   */
  execute<Result>(
    work: () => Promise<Result>,
    options: {
      readonly signal: AbortSignal;
      readonly priority: CallPriority;
      readonly giveUpAt: number;
      /** Receives the time until which the call waits, in epoch milliseconds. */
      readonly onWait?: ((until: number) => void) | undefined;
    },
  ): Promise<Result>;
  status(): CircuitStatus;
}

/**
 * A circuit breaker by the injected clock. Failures are those without an answer and answers with 5xx; any other
 * answer, a refusal included, shows that the API works and closes it. What says nothing about the API, such as an
 * abort or a database's failure, changes nothing.
 *
 * Not cockatiel's: that one goes by the machine's time, and rejects at once the calls that this one lets wait.
 */
export function createCircuit(options: {
  readonly circuit: CircuitOptions;
  readonly clock: Clock;
  /** Told each time it opens. */
  readonly onOpen: (status: CircuitStatus) => void;
}): Circuit {
  const { circuit, clock } = options;
  let failures = 0;
  let code: ErrorCode | null = null;
  let openedAt: number | null = null;
  /** When it opened after the last response, not counting trials. */
  let openSince = 0;
  /** Ends when the one call that tries has its outcome. */
  let trial: Promise<void> | null = null;

  function recordAnswer(): void {
    failures = 0;
    code = null;
    openedAt = null;
  }

  function recordFailure(error: unknown, isTrial: boolean): void {
    failures += 1;
    code = errorCodeOf(error);
    // Calls in progress when it opened do not keep it open longer.
    const opens = openedAt === null ? failures >= circuit.failures : isTrial;
    if (!opens) return;
    if (openedAt === null) openSince = clock.now();
    openedAt = clock.now();
    options.onOpen(status());
  }

  function record(error: unknown, isTrial: boolean): void {
    if (isFailure(error)) recordFailure(error, isTrial);
    else if (isAnswer(error)) recordAnswer();
  }

  /** @returns whether the call is the trial. */
  async function enter(call: Parameters<Circuit["execute"]>[1]): Promise<boolean> {
    const { signal, priority, giveUpAt } = call;
    for (;;) {
      throwIfAborted(signal);
      if (openedAt === null) return false;
      const now = clock.now();
      // Otherwise a clock that was set back would keep it open until then.
      openedAt = Math.min(openedAt, now);
      openSince = Math.min(openSince, openedAt);
      const retryAt = openedAt + circuit.openMs;
      if (trial === null && now >= retryAt) return true;
      const outcome = trial;
      const isTooLate = retryAt > giveUpAt || (outcome === null && retryAt - openSince > circuit.maxOpenMs);
      if (priority === "interactive" || isTooLate) throw openError(Math.max(0, retryAt - now));
      if (outcome === null) {
        call.onWait?.(retryAt);
        await sleep(clock, retryAt - now, signal);
      } else await orAborted(() => outcome, signal);
    }
  }

  function status(): CircuitStatus {
    const retryAt = openedAt === null ? null : openedAt + circuit.openMs;
    const openState = trial === null ? "open" : "half-open";
    return { state: openedAt === null ? "closed" : openState, failures, openedAt, retryAt, code };
  }

  return {
    async execute(work, call) {
      const isTrial = await enter(call);
      const outcome = Promise.withResolvers<void>();
      if (isTrial) trial = outcome.promise;
      try {
        const result = await work();
        recordAnswer();
        return result;
      } catch (error) {
        record(error, isTrial);
        throw error;
      } finally {
        if (isTrial) trial = null;
        outcome.resolve();
      }
    },
    status,
  };
}

function isFailure(error: unknown): boolean {
  if (error instanceof ServiceUnavailableError) return error.status >= 500;
  return error instanceof NetworkError || error instanceof TimeoutError;
}

/** Errors that only a response of the API can cause. */
function isAnswer(error: unknown): boolean {
  if (error instanceof InvalidCredentialsError || error instanceof TokenRequestError) return false;
  return error instanceof ApiError || error instanceof AuthError || error instanceof DataError;
}

function openError(retryAfterMs: number): CircuitOpenError {
  return new CircuitOpenError("Requests of this credential are paused after repeated failures of the API.", {
    retryAfterMs,
    hint: `Try again in ${Math.ceil(retryAfterMs / 1000)} seconds. The earlier failures say what is wrong.`,
  });
}
