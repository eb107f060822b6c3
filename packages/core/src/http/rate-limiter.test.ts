import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Secret } from "../crypto/secret.js";
import { AbortedError, ConfigError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import {
  type CallPriority,
  createRateLimiter,
  createRateLimiters,
  type RateLimiter,
} from "./rate-limiter.js";
import { systemClock } from "./system-clock.js";

/** The queue of the limiter lives by the machine's timers: these stand still until a test moves them. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

const { signal } = new AbortController();

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

function callers(limiter: RateLimiter, count: number, priority: CallPriority = "background"): number[] {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    limiter.acquire({ signal, priority }).then(
      () => times.push(Date.now()),
      () => undefined,
    );
  }
  return times;
}

/** The most calls in any second that begins with one. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
}

describe("createRateLimiter", () => {
  it("never lets more than the rate into any rolling second, and comes close to it", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 10, clock });
    const times: number[] = [];
    // Callers that come at odd times straddle the edges that a fixed window would have.
    for (let round = 0; round < 30; round += 1) {
      for (let index = 0; index < 7; index += 1) {
        limiter.acquire({ signal }).then(
          () => times.push(Date.now()),
          () => undefined,
        );
      }
      await vi.advanceTimersByTimeAsync(130 + (round % 7) * 90);
    }
    await vi.advanceTimersByTimeAsync(30_000);

    expect(times).toHaveLength(210);
    expect(mostInASecond(times)).toBeLessThanOrEqual(10);
    expect((Math.max(...times) - Math.min(...times)) / 1000).toBeLessThan(23);
  });

  it("lets interactive calls go before those that wait already", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 5, clock });
    const background = callers(limiter, 20);
    const interactive = callers(limiter, 5, "interactive");
    await vi.advanceTimersByTimeAsync(10_000);

    expect(background).toHaveLength(20);
    expect(Math.max(...interactive)).toBeLessThan(background[5] ?? 0);
  });

  it("lets nobody call before the latest announced time", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 5, clock });
    const startedAt = Date.now();
    limiter.pauseUntil(startedAt + 5000);
    limiter.pauseUntil(startedAt + 8000);
    limiter.pauseUntil(startedAt + 2000);
    const times = callers(limiter, 3);

    await vi.advanceTimersByTimeAsync(7990);
    expect(times).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(times).toHaveLength(3);
  });

  it("holds back callers that wait already when a pause comes, also a longer one", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 1, clock });
    const startedAt = Date.now();
    const times = callers(limiter, 2);
    await vi.advanceTimersByTimeAsync(0);
    limiter.pauseUntil(startedAt + 3000);
    await vi.advanceTimersByTimeAsync(2000);
    limiter.pauseUntil(startedAt + 6000);
    await vi.advanceTimersByTimeAsync(3990);
    expect(times).toHaveLength(1);

    await vi.advanceTimersByTimeAsync(1100);
    expect(times).toHaveLength(2);
  });

  it("opens after a pause during which nobody waited", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 5, clock });
    limiter.pauseUntil(Date.now() + 1000);
    await vi.advanceTimersByTimeAsync(5000);

    const times = callers(limiter, 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(times).toHaveLength(1);
  });

  it("keeps no timer while nobody waits", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 5, clock });
    limiter.pauseUntil(Date.now() + 60_000);
    const controller = new AbortController();
    const waiting = limiter.acquire({ signal: controller.signal });
    controller.abort();

    await expect(waiting).rejects.toThrow(AbortedError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets a caller go that is stopped, without taking a slot for it", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 1, clock });
    await limiter.acquire({ signal });
    const controller = new AbortController();
    const stopped = limiter.acquire({ signal: controller.signal });
    const times = callers(limiter, 1);
    controller.abort();

    await expect(stopped).rejects.toThrow(AbortedError);
    await vi.advanceTimersByTimeAsync(1050);
    expect(times).toHaveLength(1);
    await expect(limiter.acquire({ signal: controller.signal })).rejects.toThrow(AbortedError);
  });

  it("tells what it does", async () => {
    const limiter = createRateLimiter({ requestsPerSecond: 3, clock });
    callers(limiter, 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(limiter.status()).toEqual({
      ratePerSecond: 3,
      used: 3,
      queued: 2,
      pausedUntil: null,
      last429At: null,
    });

    const at = Date.now();
    limiter.pauseUntil(at + 5000);
    expect(limiter.status()).toMatchObject({ pausedUntil: at + 5000, last429At: at });
    await vi.advanceTimersByTimeAsync(4000);
    expect(limiter.status()).toMatchObject({ used: 0, queued: 2 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(limiter.status()).toMatchObject({ queued: 0, pausedUntil: null });
  });

  it("notes a 429 that asks for no wait", () => {
    const limiter = createRateLimiter({ clock });
    limiter.pauseUntil(Date.now());

    expect(limiter.status()).toMatchObject({ ratePerSecond: 55, pausedUntil: null, last429At: Date.now() });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a rate of %d", (requestsPerSecond) => {
    expect(() => createRateLimiter({ requestsPerSecond, clock: systemClock })).toThrow(ConfigError);
  });
});

describe("createRateLimiters", () => {
  it("shares one limiter per tenant and app key, within one instance", () => {
    const limiters = createRateLimiters({ clock });
    const first = limiters.for("1", new Secret("ak1.a"));

    expect(limiters.for("1", new Secret("ak1.a"))).toBe(first);
    expect(limiters.for("2", new Secret("ak1.a"))).not.toBe(first);
    expect(limiters.for("1", new Secret("ak1.b"))).not.toBe(first);
    expect(createRateLimiters({ clock }).for("1", new Secret("ak1.a"))).not.toBe(first);
  });
});
