import { describe, expect, it } from "vitest";
import { isTimeZone, printBusinessDate, printInstant } from "./date-time.js";

describe("printInstant", () => {
  it.each([
    ["2024-02-28T15:30:00Z", "UTC", "2024-02-28 15:30:00"],
    ["2024-02-28T15:30:00Z", "America/Chicago", "2024-02-28 09:30:00"],
    ["2024-03-10T07:59:59.9999999Z", "America/Chicago", "2024-03-10 01:59:59"],
    ["2024-03-10T08:00:00Z", "America/Chicago", "2024-03-10 03:00:00"],
    ["2024-03-01T06:00:00Z", "America/Chicago", "2024-03-01 00:00:00"],
    ["2024-12-31T18:30:00Z", "Asia/Kolkata", "2025-01-01 00:00:00"],
    ["0987-06-05T12:00:00Z", "UTC", "0987-06-05 12:00:00"],
    ["0987-06-05T12:00:00Z", "Etc/GMT+1", "0987-06-05 11:00:00"],
  ])("prints %s in %s as %s", (instant, timeZone, expected) => {
    expect(printInstant(instant, timeZone)).toBe(expected);
  });

  it("has nothing to print of the zero date", () => {
    expect(printInstant("0001-01-01T00:00:00Z", "America/Chicago")).toBeNull();
  });

  it("refuses a time zone that does not exist", () => {
    expect(() => printInstant("2024-02-28T15:30:00Z", "Mars/Olympus")).toThrow(RangeError);
  });
});

describe("printBusinessDate", () => {
  it("prints the date as written", () => {
    expect(printBusinessDate("2024-07-04T00:00:00Z")).toBe("2024-07-04 00:00:00");
  });

  it("has nothing to print of the zero date", () => {
    expect(printBusinessDate("0001-01-01T00:00:00Z")).toBeNull();
  });
});

describe("isTimeZone", () => {
  it.each([
    ["America/Chicago", true],
    ["UTC", true],
    ["Mars/Olympus", false],
    ["", false],
  ])("of %j is %s", (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
