import fc from "fast-check";
import { expect } from "vitest";
import type { ScheduleTimes } from "../../ports/schedule-store.js";
import { firstStartAfter, nominalStarts, startsAfter } from "../first-start-after.js";
import { jitterOf } from "../jitter.js";
import { naiveClosing, naiveRefusal, naiveStarts, type ShownMinutes, showMinutes } from "./naive-calendar.js";
import { scheduleTimes } from "./schedule-times.js";

/** Zones, and years in which they did something that is easily got wrong. */
export const oddZones: readonly (readonly [zone: string, year: number, why: string])[] = [
  ["America/Chicago", 2026, "02:00 to 03:00 and back"],
  ["Australia/Lord_Howe", 2026, "half an hour"],
  ["Pacific/Apia", 2011, "leaves the thirtieth of December out"],
  ["Africa/Casablanca", 2026, "one hour less during Ramadan"],
  ["Asia/Kathmandu", 2026, "5:45 all year"],
  ["America/Sao_Paulo", 2018, "midnight does not exist"],
  ["America/Santiago", 2026, "put forward at 24:00"],
  ["Antarctica/Troll", 2026, "two hours"],
  ["Pacific/Chatham", 2026, "at 02:45"],
  ["America/Nuuk", 2026, "from 23:00 to midnight"],
  ["Africa/Cairo", 2026, "from midnight back to 23:00"],
  ["America/St_Johns", 2010, "back from 00:01 to 23:01"],
  ["Asia/Pyongyang", 2018, "once, by half an hour"],
  ["America/Caracas", 2016, "once, by half an hour, at 02:30"],
  ["Asia/Gaza", 2023, "four changes"],
  ["Asia/Tehran", 2021, "midnight, by 3:30 and 4:30"],
  ["Asia/Beirut", 2026, "midnight does not exist"],
  ["America/Havana", 2026, "midnight, then back at 01:00"],
  ["America/Asuncion", 2023, "the southern summer"],
  ["Europe/London", 2026, "01:00 to 02:00"],
  ["Europe/Dublin", 2026, "the winter is the exception"],
  ["Atlantic/Azores", 2026, "midnight, behind UTC"],
  ["America/Adak", 2026, "ten hours behind"],
  ["Pacific/Kiritimati", 2026, "fourteen hours ahead"],
  ["Pacific/Norfolk", 2026, "eleven hours ahead"],
  ["Pacific/Easter", 2026, "at 22:00"],
  ["Australia/Adelaide", 2026, "9:30 and 10:30"],
  ["America/Phoenix", 2026, "never changes"],
  ["Antarctica/Vostok", 2023, "two hours, once"],
  ["UTC", 2028, "a leap year"],
];

/** Days around each change of the clocks; the whole year is nothing but more of the same. */
const daysAround = 3;

/** The span of a test: a whole year, or the days around the first two changes of the clocks in it. */
export function spansOf(zone: string, year: number, isWhole: boolean): readonly ShownMinutes[] {
  const from = Date.UTC(year, 0, 1);
  if (isWhole) return [showMinutes(zone, from, 366)];
  const dayMs = 86_400_000;
  const offsetOn = (day: number) => {
    const { first, shown } = showMinutes(zone, from + day * dayMs, 1 / 1440);
    return (shown[0] ?? 0) - first;
  };
  const changes: number[] = [];
  for (let day = 0; day < 365; day += 1) if (offsetOn(day) !== offsetOn(day + 1)) changes.push(day);
  return (changes.length === 0 ? [58] : changes.slice(0, 2)).map((day) =>
    showMinutes(zone, from + (day - 1) * dayMs, daysAround + 1),
  );
}

const minutesField = fc.constantFrom(
  "0",
  "30",
  "15",
  "59",
  "0,30",
  "5-20/5",
  "*",
  "*/15",
  "*/7",
  "*/20",
  "0-59",
);
const hoursField = fc.constantFrom(
  "2",
  "1",
  "0",
  "23",
  "3",
  "0-3",
  "22,1",
  "0-4/2",
  "*",
  "*/2",
  "*/3",
  "*/6",
  "9-17",
  "1-2",
);
const daysField = fc.constantFrom(
  "* * *",
  "* * *",
  "* * *",
  "* * 0",
  "* * 1-5",
  "* * 6",
  "1,15 * *",
  "* 3,11 *",
  "8 * 0",
);
const cron = fc.tuple(minutesField, hoursField, daysField).map((fields) => fields.join(" "));
const every = fc.constantFrom("1m", "7m", "15m", "90m", "6h", "1d", "31d");
const window = fc.constantFrom(
  null,
  null,
  "22:00-05:00",
  "01:00-02:30",
  "08:00-18:00",
  "23:30-00:30",
  "02:00-03:00",
);

/**
 * Compares the calendar with the naive reading of it, in random schedules of every zone. Starts within a day of the
 * beginning of a span are left out: the naive reading does not know what was before.
 */
export function checkCalendar({
  seed,
  schedules,
  isWhole,
  zones = oddZones,
}: {
  readonly seed: number;
  /** In each zone. */
  readonly schedules: number;
  readonly isWhole: boolean;
  readonly zones?: typeof oddZones;
}): void {
  for (const [zone, year] of zones) {
    const spans = spansOf(zone, year, isWhole);
    const quietDay = fc.integer({ min: 0, max: (spans[0]?.shown.length ?? 0) / 1440 - 1 });
    const given = fc.record({
      times: fc.oneof(
        { weight: 3, arbitrary: cron.map((text) => ({ cron: text })) },
        every.map((text) => ({ every: text })),
      ),
      window,
      quiet: fc.array(fc.tuple(fc.nat({ max: spans.length - 1 }), quietDay), { maxLength: 3 }),
      credentialId: fc.uuid(),
    });
    fc.assert(
      fc.property(given, ({ times, quiet, ...rest }) => {
        const quietDays = quiet.map(([span, day]) => dateOf((spans[span]?.first ?? 0) + day * 1440));
        const schedule = scheduleTimes({ ...rest, ...times, timeZone: zone, quietDays });
        for (const span of spans) {
          if (schedule.cron === null) checkInterval(schedule, span);
          else checkCron(schedule, schedule.cron, span);
        }
      }),
      { seed, numRuns: schedules },
    );
  }
}

function checkCron(schedule: ScheduleTimes, text: string, span: ShownMinutes): void {
  const margin = span.first + 1440;
  const end = span.first + span.shown.length - 120;
  const jitterMs = jitterOf(schedule);
  const expected = naiveStarts({ ...schedule, cron: text }, span)
    .filter(({ minute }) => minute > margin && minute < end)
    .map(({ minute, refusal, closes }) => ({
      nominalAt: minute * 60_000,
      runAt:
        refusal === null ? Math.min(minute * 60_000 + jitterMs, closes * 60_000) : minute * 60_000 + jitterMs,
      refusal,
    }));
  expectSame(startsWithin(schedule, margin, end), expected);
  checkPermitted(schedule, expected, margin, end);
}

function checkInterval(schedule: ScheduleTimes, span: ShownMinutes): void {
  const margin = span.first + 1440;
  const end = span.first + span.shown.length - 120;
  const found = startsWithin(schedule, margin, end);
  const intervalMs = readInterval(schedule.every ?? "");
  let before: number | null = null;
  for (const { nominalAt, runAt, refusal } of found) {
    if (before !== null && nominalAt - before !== intervalMs) expect(nominalAt - before).toBe(intervalMs);
    before = nominalAt;
    const minute = Math.floor(nominalAt / 60_000);
    const expected = naiveRefusal(schedule, span.shown[minute - span.first] ?? Number.NaN);
    if (refusal !== expected) expect({ nominalAt, refusal }).toEqual({ nominalAt, refusal: expected });
    const jitter = runAt - nominalAt;
    const isJitter = jitter >= 0 && jitter < Math.min(intervalMs / 10, 30 * 60_000);
    const isOpen = refusal !== null || runAt <= naiveClosing(schedule, minute, span) * 60_000;
    if (!isJitter || !isOpen) expect({ nominalAt, jitter, isJitter, isOpen }).toEqual("within its bounds");
  }
  const count = ((end - margin) * 60_000) / intervalMs;
  expect(Math.abs(found.length - count)).toBeLessThanOrEqual(1);
  checkPermitted(schedule, found, margin, end);
}

/** The jumps over what is refused lead to the same starts as looking at each. */
function checkPermitted(
  schedule: ScheduleTimes,
  all: readonly { readonly nominalAt: number; readonly refusal: string | null }[],
  from: number,
  to: number,
): void {
  const permitted = all.filter(({ refusal }) => refusal === null).map(({ nominalAt }) => nominalAt);
  const found = startsAfter(schedule, from * 60_000, permitted.length).map(({ nominalAt }) => nominalAt);
  expectSame(found, permitted);
  const last = permitted.at(-1);
  const next = firstStartAfter(schedule, last ?? from * 60_000);
  expect(next?.nominalAt ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(to * 60_000);
}

interface Compared {
  readonly nominalAt: number;
  readonly runAt: number;
  readonly refusal: string | null;
}

/** Compares a year of minutes item by item: a matcher takes seconds for it. */
function expectSame<Item extends number | Compared>(found: readonly Item[], expected: readonly Item[]): void {
  const at = expected.findIndex((item, n) => !isSame(item, found[n]));
  const from = at === -1 ? expected.length : at;
  if (at === -1 && found.length === expected.length) return;
  expect(found.slice(from, from + 3)).toEqual(expected.slice(from, from + 3));
}

function isSame(one: number | Compared, other: number | Compared | undefined): boolean {
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  return one.nominalAt === other.nominalAt && one.runAt === other.runAt && one.refusal === other.refusal;
}

function startsWithin(schedule: ScheduleTimes, from: number, to: number) {
  const found = [];
  for (const start of nominalStarts(schedule, from * 60_000)) {
    if (start.nominalAt >= to * 60_000) break;
    found.push(start);
  }
  return found;
}

function dateOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 10);
}

function readInterval(text: string): number {
  const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? Number.NaN);
}
