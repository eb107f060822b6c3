import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  backgroundHorizonMs,
  interactiveHorizonMs,
  type RateLimitCoordinator,
  type ReserveParams,
} from "../ports/rate-limit-coordinator.js";

export interface DescribeRateLimitCoordinatorOptions {
  /** The suite's title. @defaultValue "rate limit coordinator" */
  readonly name?: string | undefined;
  /**
   * Returns coordinators that share their budgets, each like one of another process. Called for each test. One is
   * enough if the implementation supports only one process.
   */
  readonly setup: () => readonly [RateLimitCoordinator, ...RateLimitCoordinator[]];
}

const slotLifeMs = 40;

/**
 * Registers the tests that every rate limit coordinator must pass. Call it at the top level of a test file.
 *
 * @example
 * describeRateLimitCoordinator({ name: "my coordinator", setup: () => [mine(), mine()] });
 */
export function describeRateLimitCoordinator({
  name = "rate limit coordinator",
  setup,
}: DescribeRateLimitCoordinatorOptions): void {
  describe(name, () => {
    function begin(given: Partial<ReserveParams> = {}) {
      const coordinators = setup();
      const key = randomUUID();
      const params = {
        key,
        wanted: 1,
        ratePerSecond: 50,
        slotLifeMs,
        priority: "background",
        ...given,
      } as const;
      /** Callers take turns. */
      let turn = 0;
      const next = (): RateLimitCoordinator => {
        turn += 1;
        return coordinators[turn % coordinators.length] ?? coordinators[0];
      };
      return {
        reserve: (changes: Partial<ReserveParams> = {}) => next().reserve({ ...params, ...changes }),
        throttle: (pauseMs: number) => next().throttle({ key, ratePerSecond: params.ratePerSecond, pauseMs }),
      };
    }

    it("gives the first call its slot at once", async () => {
      const { slots, at, ratePerSecond, pausedUntil, last429At } = await begin().reserve();
      expect(slots).toEqual([at]);
      expect({ ratePerSecond, pausedUntil, last429At }).toEqual({
        ratePerSecond: 50,
        pausedUntil: null,
        last429At: null,
      });
    });

    it("assigns each slot once, and none too close to another, for any callers and rates", async () => {
      const { reserve } = begin();
      const answers = await Promise.all(
        [3, 1, 2, 4, 2].map((wanted) => reserve({ wanted, priority: "interactive" })),
      );
      const slots = answers.flatMap((answer) => answer.slots).sort((a, b) => a - b);
      expect(slots).toHaveLength(12);
      const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0));
      // Times are fractional numbers: a thousandth of a millisecond is not a difference.
      expect(Math.min(...gaps)).toBeGreaterThan(1040 / 50 - 0.01);
      for (const { slots: given, at } of answers) {
        expect(given).toEqual([...given].sort((a, b) => a - b));
        expect(Math.min(...given)).toBeGreaterThanOrEqual(at - 0.01);
      }
    });

    it("gives background calls no slot beyond their horizon, and says when to ask again", async () => {
      const { reserve } = begin({ wanted: 1000 });
      const first = await reserve();
      expect(Math.max(...first.slots) - first.at).toBeLessThanOrEqual(backgroundHorizonMs);
      const second = await reserve({ priority: "interactive" });
      expect(second.slots.length).toBeGreaterThan(100);
      expect(Math.max(...second.slots) - second.at).toBeLessThanOrEqual(interactiveHorizonMs);

      const third = await reserve();
      expect(third.slots).toEqual([]);
      expect(third.nextAt).toBeGreaterThan(third.at + 1000);
      expect(third.nextAt).toBeLessThan(third.at + interactiveHorizonMs);
    });

    it("assigns no slots during a pause, of which the latest end counts, and remembers when it was throttled", async () => {
      const { reserve, throttle } = begin();
      await throttle(60_000);
      const told = await throttle(1000);
      const { slots, at, pausedUntil, last429At, nextAt } = await reserve({ priority: "interactive" });

      expect(slots).toEqual([]);
      expect((pausedUntil ?? 0) - at).toBeGreaterThan(50_000);
      expect(nextAt).toBe(pausedUntil);
      expect(told.pausedUntil).toBe(pausedUntil);
      expect(Math.abs((last429At ?? 0) - told.at)).toBeLessThan(1);
    });

    it("halves the rate once for calls throttled together, and spaces slots accordingly", async () => {
      const { reserve, throttle } = begin();
      for (let call = 0; call < 5; call += 1) await throttle(0);
      const { slots, ratePerSecond } = await reserve({ wanted: 3 });

      expect(ratePerSecond).toBe(25);
      expect(slots).toHaveLength(3);
      expect((slots[1] ?? 0) - (slots[0] ?? 0)).toBeCloseTo(1040 / 25, 1);
    });

    it("never lowers a rate below one call per second", async () => {
      const { reserve, throttle } = begin({ ratePerSecond: 1 });
      await throttle(0);
      expect((await reserve()).ratePerSecond).toBe(1);
    });

    it("follows the rate that a caller requests", async () => {
      const { reserve } = begin({ wanted: 2 });
      const slow = await reserve({ ratePerSecond: 10 });
      const fast = await reserve({ ratePerSecond: 100, priority: "interactive" });
      expect((slow.slots[1] ?? 0) - (slow.slots[0] ?? 0)).toBeCloseTo(104, 1);
      expect((fast.slots[1] ?? 0) - (fast.slots[0] ?? 0)).toBeCloseTo(10.4, 1);
    });

    it("keeps keys apart", async () => {
      const one = begin({ wanted: 100 });
      await one.reserve({ priority: "interactive" });
      await one.throttle(60_000);
      const other = await begin({ wanted: 5 }).reserve();
      expect(other).toMatchObject({ ratePerSecond: 50, pausedUntil: null, last429At: null });
      expect(other.slots[0]).toBe(other.at);
      expect(other.slots).toHaveLength(5);
    });
  });
}
