import { expect, it } from "vitest";
import { describeRateLimitCoordinator } from "../testing/describe-rate-limit-coordinator.js";
import { manualClock } from "../testing/manual-clock.js";
import { memoryRateLimitCoordinator } from "./memory-rate-limit-coordinator.js";

describeRateLimitCoordinator({
  name: "rate limit coordinator in memory",
  setup: () => [memoryRateLimitCoordinator({ clock: manualClock() })],
});

const budget = { key: "a", ratePerSecond: 50 } as const;

it("recovers by a tenth every ten seconds after the pause", async () => {
  const clock = manualClock();
  const coordinator = memoryRateLimitCoordinator({ clock });
  const rate = async () =>
    (await coordinator.reserve({ ...budget, wanted: 1, slotLifeMs: 40, priority: "background" }))
      .ratePerSecond;
  await coordinator.throttle({ ...budget, pauseMs: 5000 });
  const rates: number[] = [];
  for (const ms of [5000, 9999, 1, 40_000]) {
    clock.advance(ms);
    rates.push(await rate());
  }
  expect(rates).toEqual([25, 25, 30, 50]);
});

it("is not blocked by a clock that is set back", async () => {
  const clock = manualClock();
  const coordinator = memoryRateLimitCoordinator({ clock });
  const reserve = () => coordinator.reserve({ ...budget, wanted: 1, slotLifeMs: 40, priority: "background" });
  await reserve();
  clock.advance(-3_600_000);
  const { slots, at } = await reserve();
  expect(slots).toEqual([at]);
});
