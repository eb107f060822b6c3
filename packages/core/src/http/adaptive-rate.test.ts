import { expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { createAdaptiveRate } from "./adaptive-rate.js";

it("halves, and recovers by a tenth of the full rate every ten seconds", async () => {
  const clock = createFakeClock();
  const rate = createAdaptiveRate(50, clock);
  rate.halve(clock.now() + 5000);
  const seen = [rate.current()];
  await clock.advance(5000);
  for (let step = 0; step < 6; step += 1) {
    await clock.advance(10_000);
    seen.push(rate.current());
  }

  expect(seen).toEqual([25, 30, 35, 40, 45, 50, 50]);
});

it("halves again from its current value, never below one", async () => {
  const clock = createFakeClock();
  const rate = createAdaptiveRate(40, clock);
  rate.halve(clock.now());
  await clock.advance(10_000);
  expect(rate.current()).toBe(24);
  rate.halve(clock.now());
  expect(rate.current()).toBe(12);
  for (let times = 0; times < 9; times += 1) rate.halve(clock.now());
  expect(rate.current()).toBe(1);
});

it("recovers to a full rate that was changed meanwhile, and never exceeds it", async () => {
  const clock = createFakeClock();
  const rate = createAdaptiveRate(50, clock);
  rate.halve(clock.now());
  rate.setFull(20);
  expect([rate.current(), rate.full()]).toEqual([20, 20]);
  rate.setFull(60);
  expect(rate.current()).toBe(60);

  rate.halve(clock.now());
  rate.setFull(32);
  await clock.advance(10_000);
  expect(rate.current()).toBe(32);
});

it("recovers by at least one", async () => {
  const clock = createFakeClock();
  const rate = createAdaptiveRate(3, clock);
  rate.halve(clock.now());
  expect(rate.current()).toBe(1);
  await clock.advance(10_000);
  expect(rate.current()).toBe(2);
});
