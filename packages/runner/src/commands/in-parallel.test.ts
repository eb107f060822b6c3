import { describe, expect, it } from "vitest";
import { inParallel } from "./in-parallel.js";

describe("working in parallel", () => {
  it("takes each item once, a few at a time, and keeps their order", async () => {
    let atWork = 0;
    let most = 0;
    const results = await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      atWork += 1;
      most = Math.max(most, atWork);
      for (let turn = 0; turn < item % 3; turn += 1) await Promise.resolve();
      atWork -= 1;
      return item * 10;
    });
    expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(most).toBe(3);
  });

  it("has nothing to do without items", async () => {
    expect(await inParallel([], 3, async () => 1)).toEqual([]);
  });
});
