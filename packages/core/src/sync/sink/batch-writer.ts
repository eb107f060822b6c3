import { SinkError, SinkTimeoutError, TitanSyncError } from "../../errors.js";
import type { BackoffOptions } from "../../http/backoff.js";
import { createRepeat } from "../../http/retry.js";
import type { Clock } from "../../ports/clock.js";
import type { Attempt } from "../../ports/delivery-store.js";
import type { Logger } from "../../ports/logger.js";
import type { RecordBatch, RecordSinkObject, SinkAnswer } from "../../ports/record-sink.js";
import { callSink } from "./call-sink.js";
import { checkAnswer } from "./sink-answer.js";
import { writeWithoutRefused } from "./write-without-refused.js";

/** How often a batch is written in one run, including the first time. */
const maxAttempts = 4;
/** No retry of a batch starts later than this after the first attempt, in milliseconds. */
const maxElapsedMs = 60_000;
/** The longest that a stop waits for the sink, in milliseconds. */
const longestStopMs = 10_000;

export interface BatchWriterOptions {
  readonly sink: RecordSinkObject;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly backoff: BackoffOptions;
  readonly sinkTimeoutMs: number;
  readonly leaseMs: number;
  readonly newId: () => string;
}

/** Writes batches to the host's sink, and judges what comes back. */
export interface BatchWriter {
  /**
   * Writes a batch in its own call. @throws an error that {@link BatchWriter.isFailure} recognizes when the
   * sink did not accept it; another one when stopped.
   */
  write(batch: RecordBatch, signal: AbortSignal): Promise<SinkAnswer>;
  /**
   * Writes inside a transaction of the storage. Refused items affect only themselves. @throws as {@link
   * BatchWriter.write} does; then what was written can only be rolled back.
   */
  writeIn(
    transaction: unknown,
    attempt: Attempt,
    batch: RecordBatch,
    signal: AbortSignal,
  ): Promise<SinkAnswer>;
  /** Retries work that fails because of the sink, a few times with growing delays. */
  repeat<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
  /** Whether this is an error of the sink, and not of the storage or the run. */
  isFailure(error: unknown): boolean;
}

export function createBatchWriter(options: BatchWriterOptions): BatchWriter {
  const { sink, clock, logger, random, backoff, sinkTimeoutMs: timeoutMs, leaseMs, newId } = options;
  const deadline = { clock, timeoutMs, stopMs: Math.min(longestStopMs, leaseMs, timeoutMs) };
  const failures = new WeakSet<object>();
  const isFailure = (error: unknown): boolean =>
    typeof error === "object" && error !== null && failures.has(error);
  const repeated = createRepeat({
    repeat: { ...backoff, maxAttempts, maxElapsedMs },
    clock,
    random,
    isRetryable: (error) => isFailure(error) && isRetryable(error),
  });

  /** @throws what the sink threw as this library's error, after it was logged for the host. */
  function fail(error: unknown, { id, runId, record }: RecordBatch): never {
    const failure = TitanSyncError.is(error)
      ? error
      : new SinkError("The record sink did not accept a batch.", {
          cause: error,
          hint: "See the log. The batch is kept, and the next run sends it again.",
        });
    failures.add(failure);
    logger.error({ runId, batchId: id, record, error: detailsOf(error) }, "the record sink failed");
    throw failure;
  }

  return {
    isFailure,
    repeat: (work, signal) => repeated.execute(work, signal),

    async write(batch, signal) {
      try {
        return checkAnswer(await callSink((context) => sink.write(batch, context), signal, deadline), batch);
      } catch (error) {
        if (signal.aborted) throw error;
        fail(error, batch);
      }
    },

    async writeIn(transaction, attempt, batch, signal) {
      const writePart = async (part: RecordBatch): Promise<SinkAnswer> =>
        checkAnswer(
          await callSink(
            async (context) => await sink.writeIn?.(transaction, part, context),
            signal,
            deadline,
          ),
          part,
        );
      try {
        const answer = await writeWithoutRefused(batch.items, (items) =>
          // A sink may recognize batches by their ids: a part must not be mistaken for the whole.
          attempt(() => writePart(items === batch.items ? batch : { ...batch, id: newId(), items })),
        );
        return checkAnswer(answer, batch);
      } catch (error) {
        if (signal.aborted) throw error;
        fail(error, batch);
      }
    },
  };
}

/** An abandoned sink may still be writing: nothing may be written at the same time. */
function isRetryable(error: unknown): boolean {
  return TitanSyncError.is(error) && error.retryable && !(error instanceof SinkTimeoutError);
}

/** For the host's log, because it is the host's own error. */
function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error), stack: null };
  const { name, message, stack = null } = error;
  return { name, message, stack };
}
