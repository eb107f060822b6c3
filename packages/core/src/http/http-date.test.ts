import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { parseHttpDate } from "./http-date.js";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The instant in each of the forms that a server may send. */
function formsOf(time: number): readonly string[] {
  const date = new Date(time);
  const [weekday, day, month, year, clock] = date.toUTCString().replace(",", "").split(" ");
  return [
    date.toUTCString(),
    `${days[date.getUTCDay()]}, ${day}-${month}-${year?.slice(2)} ${clock} GMT`,
    `${weekday} ${month} ${String(Number(day)).padStart(2, " ")} ${clock} ${year}`,
    date.toISOString(),
  ];
}

describe("parseHttpDate", () => {
  it("mistook a date in asctime form for local time", () => {
    process.env["TZ"] = "America/Chicago";
    expect(parseHttpDate("Sun Nov  6 08:49:37 1994")).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  });

  it("reads each form the same way, in any zone", () => {
    const seconds = fc.integer({ min: Date.UTC(2001, 0, 1) / 1000, max: Date.UTC(2099, 0, 1) / 1000 });
    fc.assert(
      fc.property(seconds, fc.constantFrom("UTC", "Asia/Kolkata", "America/New_York"), (second, TZ) => {
        process.env["TZ"] = TZ;
        for (const form of formsOf(second * 1000)) expect(parseHttpDate(form)).toBe(second * 1000);
      }),
    );
  });

  it.each([null, "", "2026", "30 seconds", "120junk", "3e1", "Thu, 99 Foo 2026 00:00:00 GMT", "May 5"])(
    "is null for what is not a date: %j",
    (value) => {
      expect(parseHttpDate(value)).toBeNull();
    },
  );
});
