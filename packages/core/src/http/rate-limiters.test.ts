import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { Secret } from "../crypto/secret.js";
import { ConfigError, StorageError } from "../errors.js";
import { memoryRateLimitCoordinator } from "../memory/memory-rate-limit-coordinator.js";
import type { RateLimitCoordinator } from "../ports/rate-limit-coordinator.js";
import { createRateLimiters } from "./rate-limiters.js";

const { signal } = new AbortController();
const appKey = new Secret("ak1.a");

describe("createRateLimiters", () => {
  it("shares one limiter per tenant and app key, within one instance", () => {
    const clock = createFakeClock();
    const limiters = createRateLimiters({ requestsPerSecond: 55, clock });
    const first = limiters.for("1", appKey);

    expect(limiters.for("1", new Secret("ak1.a"))).toBe(first);
    expect(limiters.for("2", appKey)).not.toBe(first);
    expect(limiters.for("1", new Secret("ak1.b"))).not.toBe(first);
    expect(createRateLimiters({ requestsPerSecond: 55, clock }).for("1", appKey)).not.toBe(first);
  });

  it("shows what each tenant has used", async () => {
    const limiters = createRateLimiters({ requestsPerSecond: 55, clock: createFakeClock() });
    await limiters.for("1", appKey).acquire({ signal });
    limiters.for("2", appKey);

    expect(limiters.status()).toMatchObject([
      { tenantId: "1", used: 1, remaining: 54 },
      { tenantId: "2", used: 0, remaining: 55 },
    ]);
  });

  it("changes the rate of one tenant, or of all current and future ones", () => {
    const limiters = createRateLimiters({ requestsPerSecond: 55, clock: createFakeClock() });
    for (const tenantId of ["1", "2"]) limiters.for(tenantId, appKey);
    limiters.setRate({ requestsPerSecond: 10, tenantId: "2" });
    limiters.for("2", new Secret("ak1.b"));
    const rates = () => limiters.status().map((status) => status.fullRatePerSecond);
    expect(rates()).toEqual([55, 10, 10]);

    limiters.setRate({ requestsPerSecond: 20 });
    limiters.for("3", appKey);
    expect(rates()).toEqual([20, 20, 20, 20]);
    expect(() => limiters.setRate({ requestsPerSecond: 0 })).toThrow(ConfigError);
  });

  it("does not reveal the tenant or app key to a coordinator", async () => {
    const clock = createFakeClock();
    const keys: string[] = [];
    const memory = memoryRateLimitCoordinator({ clock });
    const coordinator: RateLimitCoordinator = {
      reserve: (params) => {
        keys.push(params.key);
        return memory.reserve(params);
      },
      throttle: memory.throttle,
    };
    const acquired = createRateLimiters({ requestsPerSecond: 55, clock, coordinator })
      .for("tenant-1001", new Secret("ak1.canary"))
      .acquire({ signal });
    await clock.advance(10);
    await acquired;

    expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });

  it("fails calls while the coordinator fails, and continues when it is back", async () => {
    const clock = createFakeClock();
    const memory = memoryRateLimitCoordinator({ clock });
    const failure = new StorageError("gone", { retryable: true });
    let isBack = false;
    const coordinator: RateLimitCoordinator = {
      reserve: async (params) => {
        if (!isBack) throw failure;
        return await memory.reserve(params);
      },
      throttle: memory.throttle,
    };
    const limiter = createRateLimiters({ requestsPerSecond: 55, clock, coordinator }).for("1", appKey);

    await expect(limiter.acquire({ signal })).rejects.toBe(failure);
    isBack = true;
    const acquired = limiter.acquire({ signal });
    await clock.advance(10);
    await acquired;
  });
});

describe("instances that share a coordinator", () => {
  function setUp(requestsPerSecond: number, instances = 2) {
    const clock = createFakeClock();
    const coordinator = memoryRateLimitCoordinator({ clock });
    const startedAt = clock.now();
    const limiters = Array.from({ length: instances }, () =>
      createRateLimiters({ clock, coordinator, requestsPerSecond }).for("1", appKey),
    );
    const times: number[] = [];
    const perInstance = limiters.map(() => 0);
    const ask = (instance: number, count: number, priority: "interactive" | "background" = "background") => {
      const given: number[] = [];
      for (let index = 0; index < count; index += 1) {
        limiters[instance]?.acquire({ signal, priority }).then(
          () => {
            times.push(clock.now() - startedAt);
            given.push(clock.now() - startedAt);
            perInstance[instance] = (perInstance[instance] ?? 0) + 1;
          },
          () => undefined,
        );
      }
      return given;
    };
    const maxInASecond = () =>
      Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
    return { clock, limiters, ask, times, perInstance, mostInASecond: maxInASecond };
  }

  it("never send more than the rate in any rolling second, use nearly all of it, and share it", async () => {
    const { clock, ask, times, perInstance, mostInASecond: maxInASecond } = setUp(55);
    for (const instance of [0, 1]) ask(instance, 300);
    await clock.advance(5000);

    expect(maxInASecond()).toBeLessThanOrEqual(55);
    expect(times.length).toBeGreaterThan(0.95 * 55 * 5);
    expect(Math.min(...perInstance)).toBeGreaterThan(0.4 * times.length);
  });

  it("stop together for a 429, and continue at half the rate", async () => {
    const { clock, limiters, ask, times, mostInASecond: maxInASecond } = setUp(20);
    ask(0, 100);
    ask(1, 100);
    await clock.advance(1000);
    limiters[0]?.pauseUntil(clock.now() + 3000);
    await clock.advance(200);
    const before = times.length;
    await clock.advance(2700);
    expect(times.length).toBe(before);
    expect(limiters[1]?.status()).toMatchObject({ ratePerSecond: 10, last429At: expect.any(Number) });
    expect(limiters[1]?.status().pausedUntil).not.toBeNull();

    times.length = 0;
    await clock.advance(5000);
    expect(times.length).toBeGreaterThan(40);
    expect(maxInASecond()).toBeLessThanOrEqual(10);
  });

  it("let an interactive call of one pass what is waiting at the others", async () => {
    const { clock, ask } = setUp(10, 4);
    for (const instance of [0, 1, 2]) ask(instance, 200);
    await clock.advance(2000);
    const [at = Number.POSITIVE_INFINITY] = [await givenAt()];
    async function givenAt() {
      const given = ask(3, 1, "interactive");
      await clock.advance(1000);
      return given[0];
    }

    expect(at - 2000).toBeLessThan(500);
  });
});
