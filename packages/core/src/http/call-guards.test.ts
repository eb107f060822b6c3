import { expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createSkippingClock } from "../__fixtures__/fake-clock.js";
import { createOpenLimiter } from "../__fixtures__/open-limiter.js";
import { AbortedError, ServiceUnavailableError } from "../errors.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import { createCallGuards } from "./call-guards.js";
import { createCallPolicy, defaultRetryOptions } from "./policy.js";

function setUp(maxConcurrentRequests = 32) {
  const clock = createSkippingClock();
  const logger = createCapturingLogger();
  const guards = createCallGuards({
    circuit: { failures: 5, openMs: 60_000, maxOpenMs: 300_000 },
    maxConcurrentRequests,
    clock,
    logger,
  });
  /** Each is its own client, as two runs of a credential would have. */
  const policyOf = (credentialId: string) =>
    createCallPolicy({
      retry: { ...defaultRetryOptions, jitter: 0 },
      limiter: createOpenLimiter(clock),
      guard: guards.for(credentialId),
      clock,
      random: () => 0.5,
      onRepeat: () => undefined,
      onThrottled: () => undefined,
    });
  return { clock, logger, guards, policyOf };
}

const options = { signal: new AbortController().signal, priority: "background" } as const;
const unavailable = () => new ServiceUnavailableError("m", { status: 503, requestId: null });

it("makes a call wait out an open circuit without spending attempts, and shows whose it is", async () => {
  const { clock, guards, policyOf, logger } = setUp();
  const startedAt = clock.now();
  const sentAt: number[] = [];
  const work = policyOf("credential-1").execute(
    (_attempt, slot) =>
      slot(async () => {
        sentAt.push((clock.now() - startedAt) / 1000);
        if (sentAt.length < 6) throw unavailable();
        return "page";
      }),
    options,
  );

  await expect(work).resolves.toBe("page");
  // Backoff until the fifth failure, at 15 seconds; from then on the circuit is open for a minute.
  expect(sentAt).toEqual([0, 1, 3, 7, 15, 75]);
  expect(guards.circuits()).toMatchObject([{ credentialId: "credential-1", state: "closed" }]);
  expect(logger.lines).toMatchObject([
    { level: "warn", fields: { credentialId: "credential-1", code: "API_UNAVAILABLE", failures: 5 } },
  ]);
});

it("keeps the circuits of credentials apart", async () => {
  const { guards, policyOf } = setUp();
  await policyOf("credential-1")
    .execute((_attempt, slot) => slot(() => Promise.reject(unavailable())), options)
    .catch(() => undefined);
  policyOf("credential-2");
  expect(guards.circuits()).toMatchObject([
    { credentialId: "credential-1", state: "open" },
    { credentialId: "credential-2", state: "closed" },
  ]);
});

it("limits the number of a credential's requests in progress, over all its clients", async () => {
  const { policyOf } = setUp(3);
  let underWay = 0;
  let most = 0;
  const release = Promise.withResolvers<void>();
  const call = (credentialId: string) =>
    policyOf(credentialId).execute(
      (_attempt, slot) =>
        slot(async () => {
          underWay += 1;
          most = Math.max(most, underWay);
          await release.promise;
          underWay -= 1;
        }),
      options,
    );
  const calls = Promise.all(Array.from({ length: 8 }, () => call("credential-1")));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(underWay).toBe(3);
  release.resolve();
  await calls;
  expect(most).toBe(3);
});

it("releases a call that is aborted while it waits for others", async () => {
  const { policyOf } = setUp(1);
  const release = Promise.withResolvers<void>();
  const controller = new AbortController();
  const first = policyOf("a").execute((_attempt, slot) => slot(() => release.promise), options);
  const second = policyOf("a").execute((_attempt, slot) => slot(async () => "never"), {
    ...options,
    signal: controller.signal,
  });
  controller.abort();
  await expect(second).rejects.toBeInstanceOf(AbortedError);
  release.resolve();
  await first;
});

it("made an interactive call wait behind background calls that were waiting before it", async () => {
  const { policyOf } = setUp(1);
  const release = Promise.withResolvers<void>();
  const order: string[] = [];
  const call = (name: string, priority: CallPriority) =>
    policyOf("a").execute(
      (_attempt, slot) =>
        slot(async () => {
          order.push(name);
          await release.promise;
        }),
      { ...options, priority },
    );
  const calls = Promise.all([
    call("first page", "background"),
    call("second page", "background"),
    call("connection test", "interactive"),
  ]);
  release.resolve();
  await calls;

  expect(order).toEqual(["first page", "connection test", "second page"]);
});
