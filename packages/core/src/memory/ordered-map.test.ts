import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareIds } from "./compare-ids.js";
import { OrderedMap } from "./ordered-map.js";

const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const nearId = fc.integer({ min: 0, max: 30 }).map(String);

type Step = readonly ["set" | "delete" | "walk", string];

const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom("set", "set", "delete", "walk"), nearId);

describe("compareIds", () => {
  it("compares ids as numbers, however large", () => {
    fc.assert(
      fc.property(id, id, (left, right) => {
        const difference = BigInt(left) - BigInt(right);
        expect(Math.sign(compareIds(left, right))).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
      }),
    );
  });
});

describe("OrderedMap", () => {
  it("iterates in ascending order after any sets and deletes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), nearId, (steps, after) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        for (const [index, [kind, key]] of steps.entries()) {
          if (kind === "set") {
            map.set(key, index);
            model.set(key, index);
          } else if (kind === "delete") {
            map.delete(key);
            model.delete(key);
          } else {
            expect([...map.above(null)]).toHaveLength(model.size);
          }
        }
        const ordered = [...model].sort(([left], [right]) => Number(left) - Number(right));
        expect([...map.above(null)]).toEqual(ordered);
        expect([...map.above(after)]).toEqual(ordered.filter(([key]) => Number(key) > Number(after)));
        expect(map.size).toBe(model.size);
      }),
      { numRuns: 300 },
    );
  });

  it("allows entries to be deleted during iteration", () => {
    const map = new OrderedMap<string>();
    for (const key of ["3", "1", "2", "10"]) map.set(key, `value ${key}`);
    const walked: string[] = [];
    for (const [key] of map.above(null)) {
      walked.push(key);
      map.delete(key);
      map.delete("10");
    }
    expect(walked).toEqual(["1", "2", "3"]);
    expect(map.size).toBe(0);
  });
});
