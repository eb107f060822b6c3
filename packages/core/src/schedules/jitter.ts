import type { ScheduleTimes } from "../ports/schedule-store.js";
import { nominalInstants } from "./nominal-instants.js";
import { stableFraction } from "./stable-fraction.js";
import { closingAfter, readWindow } from "./start-window.js";
import { zoneClock } from "./zone-clock.js";

const maxJitterMs = 30 * 60_000;

/**
 * How long after its nominal instants a schedule starts, in milliseconds: always the same for a credential, and
 * different for others, so that they do not all start at once. Less than 10% of the interval, and than 30 minutes.
 *
 * @throws {@link ValidationError} when `cron` is invalid.
 */
export function jitterOf(schedule: ScheduleTimes): number {
  const { intervalMs } = nominalInstants(schedule);
  return Math.floor(stableFraction("jitter", schedule.credentialId) * Math.min(intervalMs / 10, maxJitterMs));
}

/** A nominal instant with its jitter, but not later than the end of the window. */
export function withJitter(schedule: ScheduleTimes, nominalAt: number, jitterMs: number): number {
  const window = schedule.window === null ? null : readWindow(schedule.window);
  const start = nominalAt + jitterMs;
  return window === null
    ? start
    : Math.min(start, closingAfter(window, nominalAt, zoneClock(schedule.timeZone)));
}
