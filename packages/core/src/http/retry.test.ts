import { describe, expect, it } from "vitest";
import { createSkippingClock } from "../__fixtures__/fake-clock.js";
import {
  AbortedError,
  ApiResponseError,
  AuthError,
  NetworkError,
  RateLimitError,
  ServiceUnavailableError,
  TitanSyncError,
  TokenRequestError,
} from "../errors.js";
import { defaultRetryOptions } from "./policy.js";
import { createRepeat, isTransientApiFailure, type RepeatOptions } from "./retry.js";

const unavailable = (retryAfterMs: number | null = null) =>
  new ServiceUnavailableError("m", { status: 503, requestId: null, retryAfterMs });

function setUp(failures: readonly unknown[], repeat: Partial<RepeatOptions> = {}) {
  const clock = createSkippingClock();
  const attempts: number[] = [];
  const controller = new AbortController();
  const { execute } = createRepeat({
    repeat: { ...defaultRetryOptions, ...repeat },
    isRetryable: (error) => TitanSyncError.is(error) && error.retryable,
    clock,
    random: () => 0.5,
  });
  const run = () =>
    execute(async (attempt) => {
      attempts.push(attempt);
      const failure = failures[attempts.length - 1];
      if (failure !== undefined) throw failure;
      return "done";
    }, controller.signal);
  return { run, clock, attempts, controller };
}

describe("createRepeat", () => {
  it("waits 1, 2, 4, 8 and 16 seconds, then gives up with the last failure", async () => {
    const failures = Array.from({ length: 9 }, () => unavailable());
    const { run, clock, attempts } = setUp(failures);

    await expect(run()).rejects.toBe(failures[5]);
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
    expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });

  it("stops retrying after a success", async () => {
    const { run, clock, attempts } = setUp([new NetworkError("m"), unavailable()]);

    await expect(run()).resolves.toBe("done");
    expect(attempts).toEqual([1, 2, 3]);
    expect(clock.sleeps).toEqual([1000, 2000]);
  });

  it("does not retry a permanent failure", async () => {
    const failure = new ApiResponseError("m", { status: 400, requestId: null, retryable: false });
    const { run, attempts } = setUp([failure]);

    await expect(run()).rejects.toBe(failure);
    expect(attempts).toEqual([1]);
  });

  it("waits as long as the server announces, but never less than its own delay or more than five minutes", async () => {
    const { run, clock } = setUp([
      unavailable(30_000),
      new TokenRequestError("m", { status: 429, retryable: true, retryAfterMs: 500 }),
      unavailable(3_600_000),
    ]);

    await run();
    expect(clock.sleeps).toEqual([30_000, 2000, 300_000]);
  });

  it("starts no retry after a page's time is up", async () => {
    const failures = Array.from({ length: 6 }, () => unavailable(250_000));
    const { run, clock } = setUp(failures);

    await expect(run()).rejects.toBe(failures[2]);
    expect(clock.sleeps).toEqual([250_000, 250_000]);
  });

  it("counts each call separately", async () => {
    const { run, attempts } = setUp([unavailable(), undefined, unavailable()], { maxAttempts: 2 });

    await run();
    await run();
    expect(attempts).toEqual([1, 2, 1, 2]);
  });

  it("does not retry for a caller that has aborted", async () => {
    const { run, controller, attempts } = setUp([unavailable()]);
    controller.abort();

    await expect(run()).rejects.toThrow(TitanSyncError);
    expect(attempts.length).toBeLessThanOrEqual(1);
  });

  it("can be aborted during a wait", async () => {
    const controller = new AbortController();
    const { execute } = createRepeat({
      repeat: defaultRetryOptions,
      isRetryable: () => true,
      clock: {
        now: () => 0,
        sleep: async (_, signal) => {
          controller.abort();
          signal?.throwIfAborted();
        },
      },
      random: () => 0.5,
    });

    await expect(execute(async () => Promise.reject(unavailable()), controller.signal)).rejects.toThrow(
      AbortedError,
    );
  });
});

describe("isPassingApiFailure", () => {
  it("is a retryable failure of the API itself", () => {
    expect([unavailable(), new NetworkError("m")].map(isTransientApiFailure)).toEqual([true, true]);
  });

  it("is not throttling, an unavailable token or a foreign error", () => {
    const others = [
      new RateLimitError("m", { status: 429, requestId: null }),
      new TokenRequestError("m", { status: 503, retryable: true }),
      new AuthError("AUTH_REJECTED", "m", false),
      new AbortedError("m"),
      new Error("m"),
    ];
    expect(others.map(isTransientApiFailure)).toEqual([false, false, false, false, false]);
  });
});
