import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { StorageError } from "../errors.js";
import { memoryRateLimitCoordinator } from "../memory/memory-rate-limit-coordinator.js";
import type { Clock } from "../ports/clock.js";
import type { RateLimitCoordinator } from "../ports/rate-limit-coordinator.js";
import { createSharedSlots } from "./shared-slots.js";

const { signal } = new AbortController();
const demand = { wanted: 20, priority: "background" } as const;

/**
 * @param options.aheadMs - how far the coordinator's clock is ahead.
 * @param options.travelMs - how long each question and each answer travels, the first first; then 1.
 */
function setUp(options: { readonly aheadMs?: number; readonly travelMs?: readonly number[] } = {}) {
  const clock = createFakeClock();
  const { aheadMs = 0 } = options;
  const theirs: Clock = { ...clock, now: () => clock.now() + aheadMs };
  const memory = memoryRateLimitCoordinator({ clock: theirs });
  const travelTimes = [...(options.travelMs ?? [])];
  const given: number[] = [];
  let isDown = false;
  const travel = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const ms = travelTimes.shift() ?? 1;
    await clock.sleep(ms);
    if (isDown) throw new StorageError("gone", { retryable: true });
    const answer = await work();
    await clock.sleep(ms);
    return answer;
  };
  const coordinator: RateLimitCoordinator = {
    reserve: (params) =>
      travel(async () => {
        const answer = await memory.reserve(params);
        given.push(...answer.slots.map((slot) => slot - aheadMs));
        return answer;
      }),
    throttle: (params) => travel(() => memory.throttle(params)),
  };
  const slots = createSharedSlots({ coordinator, key: "key", clock, ratePerSecond: () => 50 });
  const startedAt = clock.now();
  const taken: number[] = [];
  /** One after another, as a limiter takes them. */
  const take = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      await slots.take(demand, signal);
      taken.push(clock.now() - startedAt);
    }
  };
  return {
    clock,
    slots,
    memory,
    take,
    taken,
    given: () => given.map((at) => at - startedAt),
    setDown: (next: boolean) => {
      isDown = next;
    },
  };
}

describe("shared slots", () => {
  it.each([-3_600_000, 0, 3_600_000])(
    "are used on time, even if the coordinator's clock is off by %d ms",
    async (aheadMs) => {
      const { clock, take, taken, given } = setUp({ aheadMs });
      const done = take(30);
      await clock.advance(2000);
      await done;

      const times = given();
      for (const at of taken) {
        expect(times.some((slot) => at >= slot && at < slot + 30)).toBe(true);
      }
      // One after another at nearly the full rate: 30 slots of 20.6 ms.
      expect(taken.at(-1)).toBeLessThan(700);
    },
  );

  it("are not used based on responses that took long to arrive", async () => {
    const { clock, take, taken, given } = setUp({ travelMs: [200, 100, 1] });
    const done = take(3);
    await clock.advance(2000);
    await done;

    // The first two answers tell too little of the coordinator's clock.
    expect(taken[0]).toBeGreaterThan(600);
    const times = given();
    for (const at of taken) expect(times.some((slot) => at >= slot && at < slot + 30)).toBe(true);
  });

  it("are still used if no response is quick", async () => {
    const { clock, take, taken } = setUp({ travelMs: Array.from({ length: 100 }, () => 40) });
    const done = take(5);
    await clock.advance(5000);
    await done;
    expect(taken).toHaveLength(5);
  });

  it("are skipped when their time has passed", async () => {
    const { clock, take, taken, given } = setUp();
    const first = take(1);
    await clock.advance(50);
    await first;
    // What was reserved ahead is long past.
    await clock.advance(10_000);
    const second = take(1);
    await clock.advance(100);
    await second;
    expect(taken[1]).toBeGreaterThan(10_000);
    expect(Math.max(...given())).toBeGreaterThan(10_000);
  });

  it("report a 429 to the others before the next one is taken, even if that fails at first", async () => {
    const { clock, slots, memory, setDown } = setUp();
    setDown(true);
    slots.throttle(clock.now() + 5000);
    await clock.advance(10);
    const failing = slots.take(demand, signal);
    const failed = expect(failing).rejects.toMatchObject({ code: "STORAGE" });
    await clock.advance(10);
    await failed;

    setDown(false);
    const waiting = slots.take(demand, signal);
    await clock.advance(10);
    expect(slots.known()).toMatchObject({ ratePerSecond: 25, pausedUntil: expect.any(Number) });
    const others = await memory.reserve({
      ...demand,
      key: "key",
      ratePerSecond: 50,
      slotLifeMs: 30,
    });
    expect(others.slots).toEqual([]);
    await clock.advance(5000);
    await waiting;
  });

  it("are not awaited by a caller that is aborted", async () => {
    const { clock, slots } = setUp();
    const controller = new AbortController();
    const waiting = slots.take(demand, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await clock.advance(100);
  });
});
