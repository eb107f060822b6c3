import { describe, expect, test } from "vitest";
import { createRandom } from "./random.js";

describe("seeded chance", () => {
  test("returns the same sequence for the same seed, and another for any other part", () => {
    const draw = (...seed: (string | number)[]) => {
      const random = createRandom(...seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draw(1, "customers")).toEqual(draw(1, "customers"));
    expect(draw(1, "customers")).not.toEqual(draw(1, "invoices"));
    expect(draw(1, "customers")).not.toEqual(draw(2, "customers"));
  });

  test("stays within its bounds and reaches both", () => {
    const random = createRandom(5);
    const found = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
    expect([...found].sort()).toEqual([3, 4, 5, 6]);
  });

  test("draws by weight", () => {
    const random = createRandom(5);
    const drawn = Array.from({ length: 2000 }, () =>
      random.weighted([
        ["often", 9],
        ["seldom", 1],
        ["never", 0],
      ]),
    );
    const seldom = drawn.filter((word) => word === "seldom").length;
    expect(seldom).toBeGreaterThan(120);
    expect(seldom).toBeLessThan(290);
    expect(drawn).not.toContain("never");
  });
});
