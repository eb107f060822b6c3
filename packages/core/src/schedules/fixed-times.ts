import type { CronTimes } from "./cron-times.js";
import type { NominalInstants } from "./nominal-instants.js";
import { dayMs, type ZoneClock } from "./zone-clock.js";

/**
 * The times of a cron expression that names hours and minutes: each comes once a day, whatever the clocks do. It comes
 * when they first show it, or as soon as they show a later time if they never show it.
 */
export function fixedTimes(cron: CronTimes, clock: ZoneClock): NominalInstants {
  return {
    intervalMs: cron.intervalMs,
    after(time) {
      let reading = cron.next(clock.latestShown(time));
      while (reading !== null && !isOfExistingDay(reading, clock)) reading = cron.next(reading);
      return reading === null ? null : clock.firstShowing(reading);
    },
  };
}

/** A zone that moves over the date line leaves a whole day out: none of its times come. */
function isOfExistingDay(reading: number, clock: ZoneClock): boolean {
  const day = Math.floor(reading / dayMs) * dayMs;
  return clock.firstShowing(day) < clock.firstShowing(day + dayMs);
}
