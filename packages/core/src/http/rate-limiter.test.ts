import { describe, expect, it } from "vitest";
import { createFakeClock, type FakeClock } from "../__fixtures__/fake-clock.js";
import { AbortedError, ConfigError } from "../errors.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.js";

const { signal } = new AbortController();

function setUp(requestsPerSecond: number) {
  const clock = createFakeClock();
  return { clock, limiter: createRateLimiter({ requestsPerSecond, clock }) };
}

/** Asks for slots, and notes when they are given, in milliseconds since now. */
function ask(limiter: RateLimiter, clock: FakeClock, count: number, priority: CallPriority = "background") {
  const startedAt = clock.now();
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    limiter.acquire({ signal, priority }).then(
      () => times.push(clock.now() - startedAt),
      () => undefined,
    );
  }
  return times;
}

/** The most calls in any second that begins with one. */
function maxInASecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
}

describe("a limiter", () => {
  it("never lets more than the rate into any rolling second, whenever callers come", async () => {
    const { clock, limiter } = setUp(10);
    const startedAt = clock.now();
    const times: number[] = [];
    for (let round = 0; round < 25; round += 1) {
      for (let index = 0; index < (round * 7) % 23; index += 1) {
        limiter.acquire({ signal }).then(
          () => times.push(clock.now() - startedAt),
          () => undefined,
        );
      }
      await clock.advance(130 + (round % 7) * 290);
    }
    await clock.advance(30_000);

    expect(times.length).toBeGreaterThan(200);
    expect(maxInASecond(times)).toBeLessThanOrEqual(10);
  });

  it("uses nearly all of the rate, evenly", async () => {
    const { clock, limiter } = setUp(55);
    const times = ask(limiter, clock, 200);
    await clock.advance(3000);

    expect(times.filter((time) => time < 3000).length).toBeGreaterThan(0.95 * 165);
    expect(maxInASecond(times)).toBeLessThanOrEqual(55);
    const gaps = times.slice(10).map((time, index) => time - (times[index + 9] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(45);
  });

  it("does not delay a single call", async () => {
    const { clock, limiter } = setUp(5);
    for (let call = 0; call < 5; call += 1) {
      const times = ask(limiter, clock, 1);
      await clock.advance(300);
      expect(times).toEqual([0]);
    }
  });

  it("lets interactive calls pass those already waiting", async () => {
    const { clock, limiter } = setUp(5);
    const background = ask(limiter, clock, 20);
    const interactive = ask(limiter, clock, 5, "interactive");
    await clock.advance(10_000);

    expect(background).toHaveLength(20);
    expect(Math.max(...interactive)).toBeLessThan(background[2] ?? 0);
  });

  it("serves callers that return immediately", async () => {
    const { clock, limiter } = setUp(50);
    let served = 0;
    const caller = async () => {
      while (served < 20) {
        await limiter.acquire({ signal });
        served += 1;
      }
    };
    const done = caller();
    await clock.advance(2000);

    await done;
    expect(served).toBe(20);
  });

  it("releases a caller that is aborted, without using a slot for it", async () => {
    const { clock, limiter } = setUp(1);
    const controller = new AbortController();
    ask(limiter, clock, 1);
    const stopped = limiter.acquire({ signal: controller.signal });
    const times = ask(limiter, clock, 1);
    controller.abort();

    await expect(stopped).rejects.toThrow(AbortedError);
    await clock.advance(1050);
    expect(times).toHaveLength(1);
    await expect(limiter.acquire({ signal: controller.signal })).rejects.toThrow(AbortedError);
  });

  it("sleeps only while a call is waiting", async () => {
    const { clock, limiter } = setUp(5);
    limiter.pauseUntil(clock.now() + 60_000);
    const controller = new AbortController();
    const waiting = limiter.acquire({ signal: controller.signal });
    await clock.advance(1000);
    expect(clock.sleeping()).toBe(1);
    controller.abort();

    await expect(waiting).rejects.toThrow(AbortedError);
    expect(clock.sleeping()).toBe(0);
    const times = ask(limiter, clock, 1);
    await clock.advance(59_000);
    expect(times).toEqual([59_000]);
    expect(clock.sleeping()).toBe(0);
  });

  it("is not blocked by a clock that is set back", async () => {
    let now = 7_200_000;
    const limiter = createRateLimiter({
      requestsPerSecond: 1,
      clock: {
        now: () => now,
        sleep: async (ms) => {
          now += ms;
        },
      },
    });
    await limiter.acquire({ signal });
    now -= 3_600_000;
    const before = now;
    await limiter.acquire({ signal });
    await limiter.acquire({ signal });

    expect(now - before).toBeLessThan(5000);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a rate of %d", (requestsPerSecond) => {
    expect(() => setUp(requestsPerSecond)).toThrow(ConfigError);
    expect(() => setUp(55).limiter.setRate(requestsPerSecond)).toThrow(ConfigError);
  });
});

describe("a limiter after a 429", () => {
  it("allows no call before the latest announced time", async () => {
    const { clock, limiter } = setUp(5);
    for (const ms of [5000, 8000, 2000]) limiter.pauseUntil(clock.now() + ms);
    const times = ask(limiter, clock, 3);

    await clock.advance(7999);
    expect(times).toEqual([]);
    await clock.advance(1500);
    expect(times).toHaveLength(3);
    expect(times[0]).toBe(8000);
  });

  it("delays callers that are already waiting, also if the pause becomes longer", async () => {
    const { clock, limiter } = setUp(1);
    const times = ask(limiter, clock, 2);
    await clock.advance(100);
    limiter.pauseUntil(clock.now() + 3000);
    await clock.advance(2000);
    limiter.pauseUntil(clock.now() + 4000);
    await clock.advance(3999);
    expect(times).toEqual([0]);

    await clock.advance(1);
    expect(times).toEqual([0, 6100]);
  });

  it("continues at half the rate, and recovers", async () => {
    const { clock, limiter } = setUp(10);
    limiter.pauseUntil(clock.now() + 1000);
    const times = ask(limiter, clock, 600);
    await clock.advance(61_000);

    const most = (from: number, to: number) =>
      maxInASecond(times.filter((time) => time >= from && time < to));
    expect([most(0, 11_000), most(12_000, 21_000), most(52_000, 61_000)]).toEqual([5, 6, 10]);
    expect(limiter.status()).toMatchObject({ ratePerSecond: 10, fullRatePerSecond: 10 });
  });

  it("slows down once for calls that were throttled together, and again for later ones", async () => {
    const { clock, limiter } = setUp(40);
    for (let call = 0; call < 10; call += 1) limiter.pauseUntil(clock.now() + 2000);
    await clock.advance(500);
    limiter.pauseUntil(clock.now() + 2000);
    expect(limiter.status().ratePerSecond).toBe(20);

    await clock.advance(3000);
    limiter.pauseUntil(clock.now() + 2000);
    expect(limiter.status().ratePerSecond).toBe(10);
  });

  it("registers a 429 without a wait", () => {
    const { clock, limiter } = setUp(55);
    limiter.pauseUntil(clock.now());

    expect(limiter.status()).toMatchObject({ ratePerSecond: 27, pausedUntil: null, last429At: clock.now() });
  });
});

describe("a limiter's figures", () => {
  it("show what it is doing", async () => {
    const { clock, limiter } = setUp(10);
    ask(limiter, clock, 15);
    await clock.advance(990);
    expect(limiter.status()).toEqual({
      ratePerSecond: 10,
      fullRatePerSecond: 10,
      used: 10,
      remaining: 0,
      queued: 5,
      waitingMs: 990,
      pausedUntil: null,
      last429At: null,
      lastMinute: 10,
      lastHour: 10,
    });

    await clock.advance(5000);
    expect(limiter.status()).toMatchObject({
      used: 0,
      remaining: 10,
      queued: 0,
      waitingMs: 0,
      lastMinute: 15,
    });
    await clock.advance(60_000);
    expect(limiter.status()).toMatchObject({ lastMinute: 0, lastHour: 15 });
    const at = clock.now();
    limiter.pauseUntil(at + 5000);
    expect(limiter.status()).toMatchObject({ pausedUntil: at + 5000, last429At: at });
  });

  it("follow a rate that is changed while it is running", async () => {
    const { clock, limiter } = setUp(5);
    limiter.setRate(50);
    const times = ask(limiter, clock, 100);
    await clock.advance(2200);

    expect(times).toHaveLength(100);
    expect(limiter.status()).toMatchObject({ ratePerSecond: 50, fullRatePerSecond: 50 });
  });
});
