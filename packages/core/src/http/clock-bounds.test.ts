import { expect, it } from "vitest";
import { createClockBounds } from "./clock-bounds.js";

it("bounds another clock by the quickest exchanges", () => {
  const bounds = createClockBounds();
  expect(bounds.looseness()).toBe(Number.POSITIVE_INFINITY);
  // Theirs is a second ahead of ours.
  bounds.add({ askedAt: 5000, theirs: 6100, answeredAt: 5200 });
  expect([bounds.notYetPassed(7000), bounds.surelyReached(7000)]).toEqual([5900, 6101]);
  bounds.add({ askedAt: 5300, theirs: 6302, answeredAt: 5304 });
  bounds.add({ askedAt: 5400, theirs: 6500, answeredAt: 5700 });
  expect([bounds.notYetPassed(7000), bounds.surelyReached(7000)]).toEqual([5998, 6003]);
  expect(bounds.looseness()).toBe(5);
});

it("trusts the newest exchange if one of the clocks was set", () => {
  const bounds = createClockBounds();
  bounds.add({ askedAt: 5000, theirs: 5001, answeredAt: 5002 });
  bounds.add({ askedAt: 5010, theirs: 1001, answeredAt: 5012 });
  expect([bounds.notYetPassed(1001), bounds.surelyReached(1001)]).toEqual([5010, 5013]);
});

it("forgets exchanges so old that the clocks may have drifted", () => {
  const bounds = createClockBounds();
  bounds.add({ askedAt: 5000, theirs: 5001, answeredAt: 5002 });
  bounds.add({ askedAt: 100_000, theirs: 100_050, answeredAt: 100_100 });
  expect([bounds.notYetPassed(0), bounds.surelyReached(0)]).toEqual([-50, 51]);
});
