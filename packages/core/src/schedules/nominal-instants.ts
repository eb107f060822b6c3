import { ValidationError } from "../errors.js";
import type { ScheduleTimes } from "../ports/schedule-store.js";
import { readCron } from "./cron-times.js";
import { readDuration } from "./duration-text.js";
import { fixedTimes } from "./fixed-times.js";
import { intervalTimes } from "./interval-times.js";
import { wildcardTimes } from "./wildcard-times.js";
import { zoneClock } from "./zone-clock.js";

/**
 * The instants at which a schedule would start if there were no quiet days, window and jitter. They follow from the
 * schedule and the credential's id alone: every process finds the same.
 */
export interface NominalInstants {
  /** The smallest distance by which they follow each other, apart from changes of the clocks. */
  readonly intervalMs: number;
  /** The first one after this time, both in epoch milliseconds; `null` when none ever comes. */
  after(time: number): number | null;
}

/** @throws {@link ValidationError} when `cron` or `every` is invalid. */
export function nominalInstants({ credentialId, cron, every, timeZone }: ScheduleTimes): NominalInstants {
  if (cron === null) return intervalTimes(credentialId, readEvery(every));
  const times = readCron(cron);
  const clock = zoneClock(timeZone);
  return times.isFixed ? fixedTimes(times, clock) : wildcardTimes(times, clock);
}

function readEvery(every: string | null): number {
  const milliseconds = readDuration(every ?? "");
  if (milliseconds !== null && milliseconds > 0) return milliseconds;
  throw new ValidationError("Invalid schedule.", ["every: expected a duration from 1m to 31d"]);
}
