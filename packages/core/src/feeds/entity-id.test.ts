import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareIds, idText } from "./entity-id.js";

describe("idText", () => {
  it.each([
    [41, "41"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [0, null],
    [-1, null],
    [null, null],
    [undefined, null],
  ])("prints %j as %j", (given, expected) => {
    expect(idText(given)).toBe(expected);
  });
});

it("prints the largest possible id with every digit", () => {
  expect(idText(9_223_372_036_854_775_807n)).toBe("9223372036854775807");
});

describe("compareIds", () => {
  it("orders ids as numbers of any size", () => {
    const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    const near = fc.oneof(id, fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }));
    fc.assert(
      fc.property(near, near, (left, right) => {
        const expected = left < right ? -1 : Number(left > right);
        expect(Math.sign(compareIds(String(left), String(right)))).toBe(expected);
      }),
    );
  });
});
