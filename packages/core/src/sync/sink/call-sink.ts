import { abortedError, throwIfAborted } from "../../async/aborted.js";
import { inTime } from "../../async/in-time.js";
import { SinkTimeoutError } from "../../errors.js";
import type { Clock } from "../../ports/clock.js";
import type { SinkContext } from "../../ports/record-sink.js";

/** How long a sink is waited for. */
export interface SinkDeadline {
  readonly clock: Clock;
  /** Time for a result, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Time for a result after its signal was aborted, in milliseconds, so that it can finish what it has
   * started.
   */
  readonly stopMs: number;
}

/**
 * Calls a sink, and comes back whatever the sink does: with its answer, when it has had its time, or soon after the
 * signal was aborted. What an abandoned sink returns later is ignored.
 *
 * @throws what the sink threw; {@link SinkTimeoutError} when it was abandoned; as {@link abortedError}
 * says, without
 * calling it, when the signal is aborted already, or when it failed after that.
 */
export async function callSink<Answer>(
  call: (context: SinkContext) => Promise<Answer>,
  signal: AbortSignal,
  { clock, timeoutMs, stopMs }: SinkDeadline,
): Promise<Answer> {
  throwIfAborted(signal);
  const told = new AbortController();
  // A sink that throws before it returns a promise is treated like any other.
  const answer = (async () => await call({ signal: told.signal }))();
  const waitFor = (ms: number, message: string, stop?: AbortSignal): Promise<Answer> =>
    inTime(() => answer, { clock, ms, signal: stop, late: () => new SinkTimeoutError(message, { hint }) });
  try {
    return await waitFor(timeoutMs, `The record sink did not return within ${timeoutMs} ms.`, signal);
  } catch (error) {
    const isLate = error instanceof SinkTimeoutError;
    if (!isLate && !signal.aborted) throw error;
    told.abort(isLate ? error : signal.reason);
    if (isLate) throw error;
  }
  try {
    return await waitFor(
      stopMs,
      `The record sink did not stop within ${stopMs} ms of its signal being aborted.`,
    );
  } catch (error) {
    throw error instanceof SinkTimeoutError ? error : abortedError(signal);
  }
}

const hint =
  "Find out what the sink is waiting for. It is not known whether it wrote the batch, so the batch is sent again.";
