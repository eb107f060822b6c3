import { Cron } from "croner";
import { ValidationError } from "../errors.js";
import type { Schedule } from "../ports/schedule-store.js";

/** After this many consecutive quiet days, a schedule counts as one that never starts a run. */
const maxQuietTimes = 5000;

/**
 * When a schedule starts its next run after a given time, both in epoch milliseconds; `null` if it is disabled or never
 * starts one. When clocks are set forward, a skipped time counts as the first moment after it; when they are set back,
 * a repeated time counts once.
 *
 * @throws {@link ValidationError} when `cron` or `timeZone` is invalid.
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

/** @throws {@link ValidationError} when it is invalid. */
export function readCron(pattern: string, timeZone: string): Cron {
  try {
    const cron = new Cron(pattern, { timezone: timeZone, mode: "5-part", paused: true });
    // The library checks the time zone only when it uses it.
    cron.nextRun(new Date(0));
    return cron;
  } catch {
    throw new ValidationError("Invalid schedule.", [
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
