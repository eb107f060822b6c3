import { expect, it } from "vitest";
import { median, mediansOf } from "./medians.js";

it("takes the middle one of an odd number, and the mean of the middle two of an even one", () => {
  expect(median([30, 1, 2])).toBe(2);
  expect(median([4, 1, 100, 2])).toBe(3);
});

it("finds no median of an empty list", () => {
  expect(() => median([])).toThrow(RangeError);
});

it("names what was not measured", () => {
  const medians = mediansOf(new Map([["full", [{ ms: 5 }, { ms: 7 }, { ms: 6 }]]]));
  expect(medians.of("full", "ms")).toBe(6);
  expect(() => medians.of("full", "peakMb")).toThrow("full has no figure named peakMb.");
  expect(() => medians.of("merge", "ms")).toThrow("merge has no figure named ms.");
});
