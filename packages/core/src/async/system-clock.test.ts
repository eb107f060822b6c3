import { afterEach, expect, it, vi } from "vitest";
import { systemClock } from "./system-clock.js";

afterEach(() => {
  vi.useRealTimers();
});

it("returns the machine's time", () => {
  vi.useFakeTimers({ now: 1234, toFake: ["Date"] });
  expect(systemClock.now()).toBe(1234);
});

it("sleeps, but not for zero milliseconds", async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  await expect(systemClock.sleep(0)).resolves.toBeUndefined();
});

it("rejects with the reason of the abort", async () => {
  const reason = new RangeError("m");
  const controller = new AbortController();
  const slept = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);

  await expect(slept).rejects.toBe(reason);
});

it("sleeps for longer than one timer can, instead of not at all", async () => {
  const controller = new AbortController();
  const slept = systemClock.sleep(3_000_000_000, controller.signal);
  const first = await Promise.race([slept, systemClock.sleep(20).then(() => "still asleep")]);
  controller.abort();

  expect(first).toBe("still asleep");
  await expect(slept).rejects.toThrow();
});
