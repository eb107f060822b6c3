import fc from "fast-check";
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
    ["9999-12-31T23:59:59.9999999Z", "America/Chicago", "9999-12-31 17:59:59"],
    ["9999-12-31T23:59:59.9999999Z", "Australia/Sydney", "9999-12-31 23:59:59"],
    ["9999-12-31T12:00:00Z", "Australia/Sydney", "9999-12-31 23:00:00"],
  ])("prints %s in %s as %s", (instant, timeZone, expected) => {
    expect(printInstant(instant, timeZone)).toBe(expected);
  });

  it.each([
    "America/Chicago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "Pacific/Apia",
    "Pacific/Kiritimati",
  ])("prints every instant as the clocks of %s show it, also on days when they change", (timeZone) => {
    const formatter = new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    const [from, to] = [Date.UTC(1900, 0, 1), Date.UTC(2040, 0, 1)];
    const anyTime = fc.integer({ min: from / 1000, max: to / 1000 });
    // The hours around the changes of the clocks in 2024, and the day that Samoa left out.
    const changes = ["2024-03-10", "2024-03-31", "2024-04-06", "2024-10-05", "2024-11-03", "2011-12-30"];
    const aroundChange = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000, max: 180_000 }))
      .map(([day, seconds]) => Date.parse(`${day}T00:00:00Z`) / 1000 + seconds);
    fc.assert(
      fc.property(fc.oneof(anyTime, aroundChange), (seconds) => {
        const instant = new Date(seconds * 1000);
        expect(printInstant(instant.toISOString(), timeZone)).toBe(formatter.format(instant));
      }),
      { numRuns: 1000 },
    );
  });

  it("prints nothing for the zero date", () => {
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

  it("prints nothing for the zero date", () => {
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
