import { expect, it } from "vitest";
import { backoffMs } from "./backoff.js";

const options = { firstDelayMs: 1000, maxDelayMs: 60_000, jitter: 0.25 };
const delays = (random: () => number): readonly number[] =>
  [1, 2, 3, 4, 5, 6, 7, 50].map((repetition) => backoffMs(repetition, options, random));

it("doubles up to the longest delay", () => {
  expect(delays(() => 0.5)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

it("spreads a delay by a quarter either way, never above the longest", () => {
  expect(delays(() => 0).slice(0, 3)).toEqual([750, 1500, 3000]);
  expect(delays(() => 0.999_999).slice(0, 3)).toEqual([1250, 2500, 5000]);
  expect(Math.max(...delays(() => 0.999_999))).toBe(60_000);
});
