import { describe, expect, it } from "vitest";
import { createSkippingClock } from "../__fixtures__/fake-clock.js";
import { createOpenLimiter } from "../__fixtures__/open-limiter.js";
import { AbortedError, RateLimitError, ServiceUnavailableError, TimeoutError } from "../errors.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import { createCallPolicy, defaultRetryOptions, type RetryOptions } from "./policy.js";
import type { RateLimiter } from "./rate-limiter.js";

const throttled = (retryAfterMs: number | null = null) =>
  new RateLimitError("m", { status: 429, requestId: null, retryAfterMs });
const unavailable = () => new ServiceUnavailableError("m", { status: 503, requestId: null });

function setUp(outcomes: readonly unknown[], retry: Partial<RetryOptions> = {}) {
  const clock = createSkippingClock();
  const startedAt = clock.now();
  const priorities: CallPriority[] = [];
  /** Seconds from the start at which each request was sent. */
  const sentAt: number[] = [];
  const attempts: number[] = [];
  const figures = { repeats: 0, throttled: 0 };
  const open = createOpenLimiter(clock);
  const limiter: RateLimiter = {
    ...open,
    acquire: async (options) => {
      priorities.push(options.priority ?? "background");
      await open.acquire(options);
    },
  };
  const waits: number[] = [];
  const policy = createCallPolicy({
    onWait: ({ until, reason }) => waits.push(reason === "throttled" ? (until - startedAt) / 1000 : 0),
    retry: { ...defaultRetryOptions, ...retry },
    limiter,
    clock,
    random: () => 0.5,
    onRepeat: () => {
      figures.repeats += 1;
    },
    onThrottled: () => {
      figures.throttled += 1;
    },
  });
  const run = (signal = new AbortController().signal, priority: CallPriority = "background") =>
    policy.execute(
      (attempt, slot) =>
        slot(async () => {
          attempts.push(attempt);
          sentAt.push((clock.now() - startedAt) / 1000);
          const outcome = outcomes[sentAt.length - 1];
          if (outcome instanceof Error) throw outcome;
          return outcome;
        }),
      { signal, priority },
    );
  return { run, policy, limiter, clock, sentAt, attempts, figures, priorities, waits };
}

describe("createCallPolicy", () => {
  it("retries a transient failure after growing delays", async () => {
    const { run, sentAt, figures } = setUp([unavailable(), unavailable(), unavailable(), "page"]);

    await expect(run()).resolves.toBe("page");
    expect(sentAt).toEqual([0, 1, 3, 7]);
    expect(figures).toEqual({ repeats: 3, throttled: 0 });
  });

  it("waits out throttling as announced, without counting it as an attempt", async () => {
    const { run, sentAt, attempts, figures } = setUp(
      [throttled(7000), throttled(60_000), unavailable(), throttled(3000), "page"],
      { maxAttempts: 2 },
    );

    await expect(run()).resolves.toBe("page");
    expect(sentAt).toEqual([0, 7, 67, 68, 71]);
    expect(attempts).toEqual([1, 1, 1, 2, 2]);
    expect(figures).toEqual({ repeats: 1, throttled: 3 });
  });

  it("backs off from a 429 without a wait, and waits a second for an announced wait of zero", async () => {
    const { run, sentAt } = setUp([throttled(), throttled(), throttled(0), "page"]);

    await run();
    expect(sentAt).toEqual([0, 1, 3, 4]);
  });

  it("gives up when throttling would outlast the call's limit", async () => {
    const last = throttled(400_000);
    const { run, sentAt } = setUp([throttled(300_000), last]);

    await expect(run()).rejects.toBe(last);
    expect(sentAt).toEqual([0, 300]);
  });

  it("does not start to wait for a pause that outlasts its limit", async () => {
    const { run, limiter, clock, sentAt } = setUp(["page"]);
    limiter.pauseUntil(clock.now() + 700_000);

    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 700_000 });
    expect(sentAt).toEqual([]);
  });

  it("passes the priority on", async () => {
    const { run, priorities } = setUp(["page"]);
    await run(undefined, "interactive");

    expect(priorities).toEqual(["interactive"]);
  });

  it("limits a request's time, even if the request ignores its signal", async () => {
    const { policy } = setUp([], { attemptTimeoutMs: 20, maxAttempts: 1 });
    const { signal } = new AbortController();
    const stuck = policy.execute((_, slot) => slot(() => new Promise(() => undefined)), {
      signal,
      priority: "background",
    });

    await expect(stuck).rejects.toThrow(TimeoutError);
  });

  it("retries a request that had no response in time", async () => {
    const { policy, figures } = setUp([], { attemptTimeoutMs: 20, maxAttempts: 2 });
    const { signal } = new AbortController();
    const answer = policy.execute(
      (attempt, slot) => slot(() => (attempt === 1 ? new Promise(() => undefined) : Promise.resolve("page"))),
      { signal, priority: "background" },
    );

    await expect(answer).resolves.toBe("page");
    expect(figures.repeats).toBe(1);
  });

  it("stops at once when the caller aborts", async () => {
    const { policy } = setUp([]);
    const controller = new AbortController();
    const stuck = policy.execute((_, slot) => slot(() => new Promise(() => undefined)), {
      signal: controller.signal,
      priority: "background",
    });
    setImmediate(() => controller.abort());

    await expect(stuck).rejects.toThrow(AbortedError);
  });

  it("requested a slot although the caller had aborted, and left its failure unhandled", async () => {
    const { run, priorities, sentAt } = setUp(["page"]);

    await expect(run(AbortSignal.abort())).rejects.toThrow(AbortedError);
    expect(priorities).toEqual([]);
    expect(sentAt).toEqual([]);
  });

  it("did not report a long wait for throttling", async () => {
    const { run, waits } = setUp([throttled(7000), throttled(60_000), "page"]);

    await run();
    expect(waits).toEqual([67]);
  });
});
