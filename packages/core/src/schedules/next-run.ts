import { Cron } from "croner";
import { ValidationError } from "../errors.js";
import type { Schedule } from "../ports/schedule-store.js";

/** After so many quiet times in a row a schedule counts as one that never starts anything. */
const maxQuietTimes = 5000;

/**
 * When a schedule starts its next run after a time, both in epoch milliseconds; `null` when it is off, or never
 * does. Where clocks are put forward, a time that is skipped counts as the first moment after; where they are
 * put back, one that comes twice counts once.
 *
 * @throws {@link ValidationError} when `cron` or `timeZone` cannot be understood.
 */
export function nextRunAfter(
  schedule: Pick<Schedule, "cron" | "timeZone" | "quietDays" | "enabled">,
  after: number,
): number | null {
  if (!schedule.enabled) return null;
  const cron = readCron(schedule.cron, schedule.timeZone);
  const quiet = new Set(schedule.quietDays);
  const dayIn = new Intl.DateTimeFormat("en-CA", { timeZone: schedule.timeZone, dateStyle: "short" });
  let next = cron.nextRun(new Date(after));
  for (let tries = 0; next !== null && tries < maxQuietTimes; tries += 1) {
    if (!quiet.has(dayIn.format(next))) return next.getTime();
    next = cron.nextRun(next);
  }
  return null;
}

/** @throws {@link ValidationError} when it cannot be understood. */
export function readCron(pattern: string, timeZone: string): Cron {
  try {
    const cron = new Cron(pattern, { timezone: timeZone, mode: "5-part", paused: true });
    // The zone is looked at only when it is used.
    cron.nextRun(new Date(0));
    return cron;
  } catch {
    throw new ValidationError("The schedule cannot be understood.", [
      "cron: expected five fields: minute, hour, day of the month, month, day of the week",
    ]);
  }
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
