import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeInstant, wallTime } from "./instant.js";

describe("normalizeInstant", () => {
  it.each([
    ["2024-03-01T08:05:06Z", "2024-03-01T08:05:06.0000000Z"],
    ["2024-03-01T08:05:06.5Z", "2024-03-01T08:05:06.5000000Z"],
    ["2024-03-01T08:05:06.1234567Z", "2024-03-01T08:05:06.1234567Z"],
    ["2024-03-01T08:05:06.12345678Z", "2024-03-01T08:05:06.1234567Z"],
    ["2024-03-01T08:05:06", "2024-03-01T08:05:06.0000000Z"],
    ["2024-03-01T08:05Z", "2024-03-01T08:05:00.0000000Z"],
    ["2024-03-01", "2024-03-01T00:00:00.0000000Z"],
    [" 2024-03-01 08:05:06z ", "2024-03-01T08:05:06.0000000Z"],
    ["2024-03-01T08:05:06.1234567+00:00", "2024-03-01T08:05:06.1234567Z"],
    ["2024-03-01T00:30:00.1234567+02:00", "2024-02-29T22:30:00.1234567Z"],
    ["2024-12-31T23:30:00-0330", "2025-01-01T03:00:00.0000000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z"],
    ["9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"],
  ])("pads %s to %s", (given, expected) => {
    expect(normalizeInstant(given)).toBe(expected);
  });

  it.each([
    [null],
    [undefined],
    [""],
    ["0001-01-01T00:00:00Z"],
    ["0001-01-01T00:00:00.0000000"],
    ["0001-01-01T05:00:00-06:00"],
    ["0000-05-01T00:00:00Z"],
    ["2023-02-29T00:00:00Z"],
    ["2024-04-31T00:00:00Z"],
    ["2024-13-01T00:00:00Z"],
    ["2024-00-10T00:00:00Z"],
    ["2024-03-01T24:00:00Z"],
    ["2024-03-01T08:60:00Z"],
    ["2024-03-01T08:05:06+24:00"],
    ["9999-12-31T23:59:59-01:00"],
    ["yesterday"],
    ["1709280306"],
  ])("treats %j as missing", (given) => {
    expect(normalizeInstant(given)).toBeNull();
  });

  it("knows the days of every month", () => {
    const twoDigits = (value: number): string => String(value).padStart(2, "0");
    for (const year of [1900, 2000, 2023, 2024]) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const date = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
          const time = new Date(Date.UTC(year, month - 1, day));
          const exists = time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
          expect(normalizeInstant(`${date}T23:59:59.5Z`)).toBe(exists ? `${date}T23:59:59.5000000Z` : null);
        }
      }
    }
  });

  it("makes text order the same as time order", () => {
    const ticks = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 9_999_999 }));
    fc.assert(
      fc.property(ticks, ticks, (one, other) => {
        const [first, second] = [one, other].map(([seconds, fraction]) =>
          // As the API writes it: zeros at the end are cut.
          normalizeInstant(
            `2024-03-01T08:00:0${seconds}.${String(fraction).padStart(7, "0")}`.replace(/\.?0+$/, "Z"),
          ),
        );
        const order = one[0] - other[0] || one[1] - other[1];
        expect(Math.sign((first ?? "").localeCompare(second ?? ""))).toBe(Math.sign(order));
      }),
    );
  });
});

describe("wallTime", () => {
  it("is the written date, for any offset", () => {
    expect(wallTime("2024-07-04T00:00:00-07:00")).toBe("2024-07-04T00:00:00");
  });

  it("is null if the date is missing", () => {
    expect(wallTime("0001-01-01T00:00:00Z")).toBeNull();
  });
});
