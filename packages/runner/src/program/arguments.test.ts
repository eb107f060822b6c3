import { describe, expect, it } from "vitest";
import { parseDuration, parseInstant, wholeNumber } from "./arguments.js";

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["13m", 780_000],
    ["2h", 7_200_000],
  ])("%s is %i milliseconds", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(["30", "s", "1.5m", "-3s", "0s", "30 s", "30S"])("%s is refused", (text) => {
    expect(() => parseDuration(text)).toThrow(/duration/);
  });
});

describe("a date or instant", () => {
  it.each([
    "2026-03-01",
    "2024-02-29",
    "2026-03-01T12:00Z",
    "2026-03-01T12:00:00.1234567Z",
    "2026-03-01T12:00:00+02:00",
  ])("%s is passed on unchanged", (text) => {
    expect(parseInstant(text)).toBe(text);
  });

  it.each([
    "yesterday",
    "2026-3-1",
    "2026-02-30",
    "2026-13-01",
    "2026-03-01T25:00:00Z",
    "2026-03-01T12:00:00",
  ])("%s is refused", (text) => {
    expect(() => parseInstant(text)).toThrow(/date or an instant/);
  });
});

describe("a whole number", () => {
  it("is read within its limits", () => {
    expect(wholeNumber(1, 100)("100")).toBe(100);
  });

  it.each(["0", "101", "-1", "5.5", "1e1", "", "ten"])("%j is refused where 1 to 100 are allowed", (text) => {
    expect(() => wholeNumber(1, 100)(text)).toThrow("from 1 to 100");
  });
});
