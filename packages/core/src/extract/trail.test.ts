import fc from "fast-check";
import { expect, it } from "vitest";
import { createTrail } from "./trail.js";

/** Follows tokens 0, 1, 2 … that lead back to `entry` behind the last one; stops and resumes at each `slice`th step. */
function stepsUntilClosed(entry: number, length: number, slice: number): number {
  let trail = createTrail(null);
  let at = -1;
  for (let steps = 1; steps <= 20 * (entry + length); steps += 1) {
    at = at + 1 < entry + length ? at + 1 : entry;
    const token = `t${at}`;
    if (trail.closes(token)) return steps;
    trail.step(token);
    if (steps % slice === 0) trail = createTrail(token, trail.stored());
  }
  return Number.POSITIVE_INFINITY;
}

it("detects every cycle within three times the steps into it and around it, also in slices", () => {
  const entry = fc.integer({ min: 0, max: 200 });
  const length = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(entry, length, fc.integer({ min: 1, max: 50 }), (entry, length, slice) => {
      expect(stepsUntilClosed(entry, length, slice)).toBeLessThanOrEqual(3 * (entry + length) + 2);
    }),
  );
});

it("detects no cycle if each token is new", () => {
  const trail = createTrail("start");
  for (let step = 0; step < 10_000; step += 1) {
    expect(trail.closes(`t${step}`)).toBe(false);
    trail.step(`t${step}`);
  }
  expect(trail.since).toBe("start");
});

it("starts again at a position that the stored trail does not belong to", () => {
  const trail = createTrail("a");
  trail.step("b");
  expect(createTrail("b", trail.stored()).since).toBe("a");
  expect(createTrail("c", trail.stored()).since).toBe("c");
});
