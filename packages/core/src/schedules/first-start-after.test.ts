import { describe, expect, it } from "vitest";
import type { ScheduleTimes } from "../ports/schedule-store.js";
import { scheduleTimes } from "./__fixtures__/schedule-times.js";
import { firstStartAfter, gapBetweenStarts, nominalStarts, startsAfter } from "./first-start-after.js";

const minuteMs = 60_000;

function nominal(given: Partial<ScheduleTimes>, after: string, count: number): readonly string[] {
  return startsAfter(scheduleTimes(given), Date.parse(after), count).map(({ nominalAt }) =>
    new Date(nominalAt).toISOString().replace(":00.000Z", "Z"),
  );
}

describe("a schedule starts after, never at, the given time", () => {
  it.each([
    ["daily", "30 2 * * *", "2026-03-01T08:30:00Z", "2026-03-02T08:30Z"],
    ["weekly", "0 6 * * 1", "2026-03-01T03:00:00Z", "2026-03-02T12:00Z"],
    ["monthly", "0 0 1 * *", "2026-03-01T06:00:00Z", "2026-04-01T05:00Z"],
    ["on leap days", "0 12 29 2 *", "2026-03-01T06:00:00Z", "2028-02-29T18:00Z"],
    ["every three hours", "0 */3 * * *", "2026-03-01T03:00:00Z", "2026-03-01T06:00Z"],
    ["on weekdays", "0 2 * * mon-fri", "2026-03-06T12:00:00Z", "2026-03-09T07:00Z"],
    ["on the last day of the month", "0 2 L * *", "2026-02-01T12:00:00Z", "2026-02-28T08:00Z"],
  ])("%s", (_, cron, after, expected) => {
    expect(nominal({ cron }, after, 1)).toEqual([expected]);
  });
});

describe("fixed times occur once a day", () => {
  it("at the first moment after skipped times when clocks are put forward", () => {
    expect(nominal({ cron: "30 2 * * *" }, "2026-03-07T12:00:00Z", 3)).toEqual([
      "2026-03-08T08:00Z",
      "2026-03-09T07:30Z",
      "2026-03-10T07:30Z",
    ]);
  });

  it("together, if several of them are skipped", () => {
    expect(nominal({ cron: "0,30 2,3 * * *" }, "2026-03-08T00:00:00Z", 3)).toEqual([
      "2026-03-08T08:00Z",
      "2026-03-08T08:30Z",
      "2026-03-09T07:00Z",
    ]);
  });

  it("the first time that they occur when clocks are put back", () => {
    expect(nominal({ cron: "30 1 * * *" }, "2026-10-31T12:00:00Z", 2)).toEqual([
      "2026-11-01T06:30Z",
      "2026-11-02T07:30Z",
    ]);
    // Asked in the hour that is shown twice.
    expect(nominal({ cron: "30 1 * * *" }, "2026-11-01T07:10:00Z", 1)).toEqual(["2026-11-02T07:30Z"]);
  });

  it("where clocks are put forward over midnight", () => {
    const given = { timeZone: "America/Nuuk", cron: "30 23 * * 6" };
    expect(nominal(given, "2026-03-27T12:00:00Z", 2)).toEqual(["2026-03-29T01:00Z", "2026-04-05T00:30Z"]);
  });

  it("not on a day that a zone skips", () => {
    const given = { timeZone: "Pacific/Apia", cron: "0 12 * * *" };
    expect(nominal(given, "2011-12-29T00:00:00Z", 2)).toEqual(["2011-12-29T22:00Z", "2011-12-30T22:00Z"]);
  });
});

describe("wildcards follow elapsed time", () => {
  it("through a repeated hour", () => {
    expect(nominal({ cron: "0 * * * *" }, "2026-11-01T05:30:00Z", 3)).toEqual([
      "2026-11-01T06:00Z",
      "2026-11-01T07:00Z",
      "2026-11-01T08:00Z",
    ]);
  });

  it("across a skipped hour", () => {
    expect(nominal({ cron: "*/30 * * * *" }, "2026-03-08T07:00:00Z", 3)).toEqual([
      "2026-03-08T07:30Z",
      "2026-03-08T08:00Z",
      "2026-03-08T08:30Z",
    ]);
  });

  it("where clocks are put forward and back by half an hour", () => {
    const hourly = { timeZone: "Australia/Lord_Howe", cron: "0 * * * *" };
    expect(nominal(hourly, "2026-10-03T14:30:00Z", 3)).toEqual([
      // 01:30 by the new clock is 02:00 by the old one; 03:00 follows half an hour later.
      "2026-10-03T15:30Z",
      "2026-10-03T16:00Z",
      "2026-10-03T17:00Z",
    ]);
    expect(nominal(hourly, "2026-04-04T13:30:00Z", 4)).toEqual([
      "2026-04-04T14:00Z",
      "2026-04-04T15:00Z",
      "2026-04-04T15:30Z",
      "2026-04-04T16:30Z",
    ]);
  });

  it("without a longer pause than their step where an hour is repeated between two of them", () => {
    expect(nominal({ cron: "15 */2 * * *" }, "2026-11-01T05:00:00Z", 4)).toEqual([
      "2026-11-01T05:15Z",
      "2026-11-01T07:15Z",
      "2026-11-01T08:15Z",
      "2026-11-01T10:15Z",
    ]);
  });

  it("only in the hours that they name", () => {
    expect(nominal({ cron: "*/30 9-10 * * *" }, "2026-10-31T15:00:00Z", 2)).toEqual([
      "2026-10-31T15:30Z",
      "2026-11-01T15:00Z",
    ]);
  });
});

describe("`every`", () => {
  it("occurs at the same distance forever, spread over the interval by credential", () => {
    const phases = new Set<number>();
    for (let n = 0; n < 200; n += 1) {
      const starts = startsAfter(scheduleTimes({ every: "1h", credentialId: `c${n}` }), 0, 3);
      const [first, second, third] = starts.map(({ nominalAt }) => nominalAt);
      expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([3_600_000, 3_600_000]);
      phases.add(Math.floor((first ?? 0) / (6 * minuteMs)));
    }
    expect(phases.size).toBe(10);
  });
});

describe("quiet days and the window", () => {
  it("are judged by the nominal instant, in the schedule's zone", () => {
    const quiet = { cron: "0 22 * * *", quietDays: ["2026-01-01", "2026-01-02"] };
    expect(nominal(quiet, "2026-01-01T12:00:00Z", 1)).toEqual(["2026-01-04T04:00Z"]);
    const night = { cron: "0 */4 * * *", window: "22:00-05:00" };
    expect(nominal(night, "2026-01-01T12:00:00Z", 3)).toEqual([
      "2026-01-02T06:00Z",
      "2026-01-02T10:00Z",
      "2026-01-03T06:00Z",
    ]);
  });

  it("exclude the end of the window itself", () => {
    expect(nominal({ cron: "0 5 * * *", window: "22:00-05:00" }, "2026-01-01T12:00:00Z", 1)).toEqual([]);
    expect(nominal({ cron: "0 22 * * *", window: "22:00-05:00" }, "2026-01-01T12:00:00Z", 1)).toHaveLength(1);
  });

  it("let a window that opens twice in a night open twice", () => {
    const given = { cron: "*/30 * * * *", window: "00:00-01:30" };
    expect(nominal(given, "2026-11-01T05:45:00Z", 6)).toEqual([
      "2026-11-01T06:00Z",
      "2026-11-01T07:00Z",
      "2026-11-02T06:00Z",
      "2026-11-02T06:30Z",
      "2026-11-02T07:00Z",
      "2026-11-03T06:00Z",
    ]);
  });
});

it("names the nominal instants at which it does not start, and why", () => {
  const given = { cron: "0 */6 * * *", window: "22:00-12:30", quietDays: ["2026-05-02"] };
  const refusals: (string | null)[] = [];
  for (const { nominalAt, runAt, refusal } of nominalStarts(
    scheduleTimes(given),
    Date.parse("2026-05-01T10:00:00Z"),
  )) {
    if (refusals.push(refusal) === 8) break;
    expect(runAt).toBeGreaterThanOrEqual(nominalAt);
  }
  const quietDay = Array(4).fill("quiet-day");
  expect(refusals).toEqual([null, null, "outside-window", ...quietDay, null]);
});

describe("jitter", () => {
  const jitterOf = (given: Partial<ScheduleTimes>): number => {
    const start = firstStartAfter(scheduleTimes(given), Date.parse("2026-05-01T00:00:00Z"));
    return (start?.runAt ?? 0) - (start?.nominalAt ?? 0);
  };
  const largest = (given: Partial<ScheduleTimes>): number =>
    Math.max(...Array.from({ length: 300 }, (_, n) => jitterOf({ ...given, credentialId: `c${n}` })));

  it("is the same each time, and up to a tenth of the interval or half an hour", () => {
    const [first, second] = startsAfter(scheduleTimes(), 0, 2);
    expect((second?.runAt ?? 0) - (second?.nominalAt ?? 0)).toBe(jitterOf({}));
    expect(first?.runAt).toBe((first?.nominalAt ?? 0) + jitterOf({}));
    const limits: readonly [Partial<ScheduleTimes>, number][] = [
      [{ cron: "30 2 * * *" }, 30 * minuteMs],
      [{ cron: "0 * * * *" }, 6 * minuteMs],
      [{ cron: "0,20 8-17 * * *" }, 2 * minuteMs],
      [{ every: "1m" }, 6000],
      [{ every: "31d" }, 30 * minuteMs],
    ];
    for (const [given, limit] of limits) {
      expect(largest(given)).toBeGreaterThan(limit * 0.95);
      expect(largest(given)).toBeLessThan(limit);
    }
  });

  it("ends with the window", () => {
    expect(largest({ cron: "55 4 * * *", window: "22:00-05:00" })).toBe(5 * minuteMs);
    // The clocks go from 02:00 to 03:00 on the eighth of March.
    const spring = scheduleTimes({ cron: "59 1 * * *", window: "22:00-02:30", credentialId: "c3" });
    const start = firstStartAfter(spring, Date.parse("2026-03-08T00:00:00Z"));
    expect(start?.nominalAt).toBe(Date.parse("2026-03-08T07:59:00Z"));
    expect(start?.runAt).toBeLessThanOrEqual(Date.parse("2026-03-08T08:00:00Z"));
  });
});

it("starts nothing when it is off, or has no time that ever comes", () => {
  expect(nominal({ enabled: false }, "2026-01-01T00:00:00Z", 1)).toEqual([]);
  expect(nominal({ cron: "0 0 30 2 *" }, "2026-01-01T00:00:00Z", 1)).toEqual([]);
});

it("returns how far apart the next two starts are", () => {
  const gap = (given: Partial<ScheduleTimes>, after: string) =>
    gapBetweenStarts(scheduleTimes(given), Date.parse(after));
  expect(gap({ cron: "0 2 * * 1-5" }, "2026-05-07T12:00:00Z")).toBe(3 * 24 * 60 * minuteMs);
  expect(gap({ every: "15m" }, "2026-05-07T12:00:00Z")).toBe(15 * minuteMs);
  expect(gap({ enabled: false }, "2026-05-07T12:00:00Z")).toBeNull();
});

it.each(["", "* * * *", "61 * * * *", "* * * * * *", "nonsense", "? 2 * * *", "5/15 * * * *", "0 24 * * *"])(
  "does not take %j for a schedule",
  (cron) => {
    expect(() => firstStartAfter(scheduleTimes({ cron }), 0)).toThrow("Invalid schedule");
  },
);
