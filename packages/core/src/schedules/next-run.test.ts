import { expect, it } from "vitest";
import { nextRunAfter } from "./next-run.js";

const schedule = { cron: "30 2 * * *", timeZone: "UTC", quietDays: [], enabled: true };
const next = (given: Partial<Parameters<typeof nextRunAfter>[0]>, after: string): string | null => {
  const at = nextRunAfter({ ...schedule, ...given }, Date.parse(after));
  return at === null ? null : new Date(at).toISOString();
};

it.each([
  ["daily", { cron: "30 2 * * *" }, "2026-03-01T03:00:00Z", "2026-03-02T02:30:00.000Z"],
  ["weekly", { cron: "0 6 * * 1" }, "2026-03-01T03:00:00Z", "2026-03-02T06:00:00.000Z"],
  ["monthly", { cron: "0 0 1 * *" }, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00.000Z"],
  ["every three hours", { cron: "0 */3 * * *" }, "2026-03-01T03:00:00Z", "2026-03-01T06:00:00.000Z"],
  [
    "in the schedule's zone",
    { timeZone: "America/Chicago" },
    "2026-01-01T00:00:00Z",
    "2026-01-01T08:30:00.000Z",
  ],
])("a schedule that is %s starts after, never at, the given time", (_case, given, after, expected) => {
  expect(next(given, after)).toBe(expected);
});

it("starts nothing on quiet days, which are days of the schedule's zone", () => {
  const given = { cron: "0 22 * * *", timeZone: "America/Chicago", quietDays: ["2026-01-01", "2026-01-02"] };
  expect(next(given, "2026-01-01T12:00:00Z")).toBe("2026-01-04T04:00:00.000Z");
});

it("starts once where clocks are put forward or back", () => {
  const given = { timeZone: "America/Chicago", cron: "30 2 * * *" };
  const forward = next(given, "2026-03-08T06:00:00Z") ?? "";
  expect(Date.parse(forward)).toBeLessThan(Date.parse("2026-03-08T09:00:00Z"));
  expect(next(given, forward)).toBe("2026-03-09T07:30:00.000Z");
  const back = next({ ...given, cron: "30 1 * * *" }, "2026-11-01T05:00:00Z") ?? "";
  expect(next({ ...given, cron: "30 1 * * *" }, back)).toBe("2026-11-02T07:30:00.000Z");
});

it("starts nothing when it is off, or has no time that ever comes", () => {
  expect(next({ enabled: false }, "2026-01-01T00:00:00Z")).toBeNull();
  expect(next({ cron: "0 0 30 2 *" }, "2026-01-01T00:00:00Z")).toBeNull();
});

it.each(["", "* * * *", "61 * * * *", "* * * * * *", "nonsense"])(
  "does not take %j for a schedule",
  (cron) => {
    expect(() => nextRunAfter({ ...schedule, cron }, 0)).toThrow("Invalid schedule");
  },
);
