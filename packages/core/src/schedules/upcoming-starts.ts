import type { ScheduledStart, StoredSchedule } from "../ports/schedule-store.js";
import { startsAfter } from "./first-start-after.js";

/**
 * The next starts of a schedule as a person wants to see them, at most `count`: first the one that is due next, even if
 * its nominal instant has passed and only its jitter has not.
 *
 * @param now - epoch milliseconds.
 */
export function upcomingStarts(schedule: StoredSchedule, now: number, count = 5): readonly ScheduledStart[] {
  const { nextNominalAt, nextRunAt } = schedule;
  const isStillToCome = nextNominalAt !== null && nextRunAt !== null && nextRunAt > now;
  return startsAfter(schedule, isStillToCome ? nextNominalAt - 1 : now, count);
}
