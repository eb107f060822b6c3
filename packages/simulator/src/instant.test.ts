import { describe, expect, test } from "vitest";
import { createChangeClock, instantKey, keyOfPrinted, keyOfTime, printInstant } from "./instant.js";

describe("instants", () => {
  test.each([
    ["2024-06-01T00:12:33.4566667Z", "2024-06-01T00:12:33.4566667"],
    ["2024-06-01T00:12:33.45Z", "2024-06-01T00:12:33.4500000"],
    ["2024-06-01T00:12:33Z", "2024-06-01T00:12:33.0000000"],
    ["2024-06-01T02:12:33.45+02:00", "2024-06-01T00:12:33.4500000"],
    ["2024-06-01", "2024-06-01T00:00:00.0000000"],
    ["2024-06-01T10:00", "2024-06-01T10:00:00.0000000"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000"],
  ])("reads %s", (text, key) => {
    expect(instantKey(text)).toBe(key);
    expect(keyOfPrinted(text)).toBe(key);
  });

  test.each(["", "yesterday", "2024-13-01", "2024-06-01T25:00:00Z", "06/01/2024"])("refuses %j", (text) => {
    expect(instantKey(text)).toBeNull();
  });

  test("are printed without trailing zeros", () => {
    expect(printInstant("2024-06-01T00:12:33.4566600")).toBe("2024-06-01T00:12:33.45666Z");
    expect(printInstant(keyOfTime(Date.parse("2024-06-01T00:12:33Z")))).toBe("2024-06-01T00:12:33Z");
  });
});

describe("sort keys of times", () => {
  test("agree with JavaScript dates", () => {
    for (
      let ms = Date.parse("1968-02-28T00:00:00.001Z");
      ms < Date.parse("2105-01-01");
      ms += 38_123_456_789
    ) {
      expect(keyOfTime(ms, 12)).toBe(`${new Date(ms).toISOString().slice(0, 23)}0012`);
    }
    expect(keyOfTime(-1)).toBe("1969-12-31T23:59:59.9990000");
  });
});

describe("the change clock", () => {
  test("returns a later instant each time, even if the clock stands still or is set back", () => {
    let now = 1_700_000_000_000;
    const clock = createChangeClock(() => now);
    const keys = Array.from({ length: 10_001 }, () => clock.next());
    now -= 5_000;
    keys.push(clock.next());
    expect(new Set(keys).size).toBe(keys.length);
    expect([...keys].sort()).toEqual(keys);
  });
});
