import { Cron } from "croner";
import { ValidationError } from "../errors.js";
import { dayMs } from "./zone-clock.js";

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** The times that a cron expression names, as readings of a clock that is never changed. */
export interface CronTimes {
  /**
   * Whether it names hours and minutes, instead of a wildcard for either. Named times come once a day; the others
   * follow elapsed time where clocks are changed.
   */
  readonly isFixed: boolean;
  /** The smallest distance between two of its times of day, around midnight; a day when it has one time. */
  readonly intervalMs: number;
  /** How far apart two times may be to count as one step of it: `n` hours where the hours say `/n`, else one hour. */
  readonly stepMs: number;
  /** The first reading after this one, both as epoch milliseconds of UTC; `null` when none ever comes. */
  next(after: number): number | null;
}

/** What is wrong with an expression that {@link readCron} refuses. */
export const cronExpected = "expected five fields: minute, hour, day of the month, month, day of the week";

/** @throws {@link ValidationError} when it is invalid. */
export function readCron(pattern: string): CronTimes {
  const [minuteField = "", hourField = "", ...dayFields] = pattern.split(" ");
  try {
    const days = matchingDays(`0 0 ${dayFields.join(" ")}`);
    // Checks the two fields too, which are read below.
    new Cron(pattern, { mode: "5-part", paused: true });
    const times = timesOfDay(expand(minuteField, 59), expand(hourField, 23));
    const isFixed = ![isWildcard(minuteField, 59), isWildcard(hourField, 23)].includes(true);
    return {
      isFixed,
      intervalMs: smallestDistance(times),
      stepMs: hourStep(hourField) * hourMs,
      next: (after) => nextReading(times, days, after),
    };
  } catch {
    throw new ValidationError("Invalid schedule.", [`cron: ${cronExpected}`]);
  }
}

function nextReading(times: readonly number[], days: MatchingDays, after: number): number | null {
  const today = Math.floor(after / dayMs);
  const later = times.find((time) => today * dayMs + time > after);
  if (later !== undefined && days.from(today) === today) return today * dayMs + later;
  const day = days.from(today + 1);
  return day === null ? null : day * dayMs + (times[0] ?? 0);
}

interface MatchingDays {
  /** The first day on or after this one, both as days since the epoch; `null` when none ever comes. */
  from(day: number): number | null;
}

function matchingDays(atMidnight: string): MatchingDays {
  if (atMidnight === "0 0 * * *") return { from: (day) => day };
  const cron = new Cron(atMidnight, { utcOffset: 0, mode: "5-part", paused: true });
  let asked = { day: Number.NaN, found: null as number | null };
  return {
    from(day) {
      if (day >= asked.day && (asked.found === null || day <= asked.found)) return asked.found;
      const next = cron.nextRun(new Date(day * dayMs - 1));
      asked = { day, found: next === null ? null : Math.floor(next.getTime() / dayMs) };
      return asked.found;
    },
  };
}

function timesOfDay(minutes: readonly number[], hours: readonly number[]): readonly number[] {
  return hours.flatMap((hour) => minutes.map((minute) => hour * hourMs + minute * minuteMs));
}

function smallestDistance(times: readonly number[]): number {
  const [first = 0] = times;
  const following = [...times.slice(1), first + dayMs];
  return Math.min(...following.map((time, index) => time - (times[index] ?? 0)));
}

/** The numbers of a field of minutes or hours, in order. */
function expand(field: string, most: number): readonly number[] {
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) throw new RangeError(`Unknown part ${part}.`);
    const [, from = "0", to = match[1] ?? String(most), step = "1"] = match;
    for (let number = Number(from); number <= Number(to); number += Number(step)) numbers.add(number);
  }
  return [...numbers].sort((left, right) => left - right);
}

/** A range over everything, such as `0-59`, is one too. */
function isWildcard(field: string, most: number): boolean {
  return field
    .split(",")
    .some((part) => part.startsWith("*") || new RegExp(`^0+-0*${most}(?:/|$)`).test(part));
}

function hourStep(field: string): number {
  return Math.max(1, ...[...field.matchAll(/\/(\d+)/g)].map(([, step]) => Number(step)));
}
