import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { AbortedError, SinkTimeoutError } from "../../errors.js";
import type { SinkContext } from "../../ports/record-sink.js";
import { callSink } from "./call-sink.js";

const never = (): Promise<never> => new Promise(() => undefined);

function deadline() {
  const clock = createFakeClock();
  return { clock, timeoutMs: 300_000, stopMs: 10_000 };
}

/** The outcome of a call so far. */
function follow(call: Promise<unknown>): { outcome: unknown } {
  const followed: { outcome: unknown } = { outcome: "waits" };
  call.then(
    (value) => (followed.outcome = value),
    (error: unknown) => (followed.outcome = error),
  );
  return followed;
}

describe("a sink that never answers", () => {
  it("is abandoned at its deadline, which its signal and the error name", async () => {
    const options = deadline();
    let told: AbortSignal | null = null;
    const call = follow(
      callSink(
        ({ signal }: SinkContext) => {
          told = signal;
          return never();
        },
        new AbortController().signal,
        options,
      ),
    );
    await options.clock.advance(299_999);
    expect(call.outcome).toBe("waits");
    await options.clock.advance(1);
    expect(call.outcome).toBeInstanceOf(SinkTimeoutError);
    expect(call.outcome).toMatchObject({ message: "The record sink did not return within 300000 ms." });
    expect(told).toMatchObject({ aborted: true });
    expect(options.clock.sleeping()).toBe(0);
  });

  it("delays a stop for a limited time", async () => {
    const options = deadline();
    const stop = new AbortController();
    const call = follow(callSink(never, stop.signal, options));
    stop.abort();
    await options.clock.advance(9_999);
    expect(call.outcome).toBe("waits");
    await options.clock.advance(1);
    expect(call.outcome).toBeInstanceOf(SinkTimeoutError);
  });

  it("may fail after it was abandoned: its failure is handled and ignored", async () => {
    const options = deadline();
    const late = Promise.withResolvers<never>();
    const call = follow(callSink(() => late.promise, new AbortController().signal, options));
    await options.clock.advance(300_000);
    const outcome = call.outcome;
    late.reject(new Error("much too late"));
    await options.clock.advance(0);
    expect(call.outcome).toBe(outcome);
  });
});

describe("a sink whose signal is aborted", () => {
  it("is not called if the work was stopped before", async () => {
    let calls = 0;
    const call = callSink(
      async () => {
        calls += 1;
      },
      AbortSignal.abort(),
      deadline(),
    );
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    expect(calls).toBe(0);
  });

  it("may still succeed: the batch counts", async () => {
    const options = deadline();
    const stop = new AbortController();
    const answer = Promise.withResolvers<string>();
    const call = follow(callSink(() => answer.promise, stop.signal, options));
    stop.abort();
    await options.clock.advance(5_000);
    answer.resolve("written");
    await options.clock.advance(0);
    expect(call.outcome).toBe("written");
    expect(options.clock.sleeping()).toBe(0);
  });

  it("and that throws for it has not failed: the work was stopped", async () => {
    const options = deadline();
    const stop = new AbortController();
    const call = follow(
      callSink(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(new Error("my request was cut")));
          }),
        stop.signal,
        options,
      ),
    );
    stop.abort();
    await options.clock.advance(0);
    expect(call.outcome).toBeInstanceOf(AbortedError);
  });
});
