import { expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { createRollingCount } from "./rolling-count.js";

it("counts what happened within the span", async () => {
  const clock = createFakeClock(0);
  const count = createRollingCount(60_000, clock);
  count.add();
  count.add();
  await clock.advance(30_000);
  count.add();
  expect(count.read()).toBe(3);

  await clock.advance(30_000);
  expect(count.read()).toBe(1);
  await clock.advance(30_000);
  expect(count.read()).toBe(0);
});

it("forgets entries in the future of a clock that was set back", () => {
  let now = 3_600_000;
  const count = createRollingCount(60_000, { now: () => now, sleep: async () => undefined });
  count.add();
  now = 0;
  count.add();

  expect(count.read()).toBe(1);
});
