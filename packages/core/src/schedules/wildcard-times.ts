import type { CronTimes } from "./cron-times.js";
import type { NominalInstants } from "./nominal-instants.js";
import type { Stretch, ZoneClock } from "./zone-clock.js";

/** Longer than any pause between two times of an expression that has any: eight years between two leap days. */
const horizonMs = 10 * 366 * 86_400_000;

/**
 * The times of a cron expression with a wildcard for minutes or hours: they follow elapsed time. They come whenever the
 * clocks show them, in a repeated hour too. Where clocks are changed, one more may come so that the distance from one to
 * the next is not longer than a step.
 */
export function wildcardTimes(cron: CronTimes, clock: ZoneClock): NominalInstants {
  return {
    intervalMs: cron.intervalMs,
    after(time) {
      let stretch = clock.stretchAt(time);
      for (let after = time; after < time + horizonMs; after = stretch.from - 1) {
        const reading = cron.next(after + stretch.offset);
        if (reading === null) return null;
        const shown = reading - stretch.offset;
        const added = addedStart(cron, clock, stretch);
        const next = added !== null && added > after ? Math.min(added, shown) : shown;
        if (next < stretch.until) return next;
        stretch = clock.stretchAt(stretch.until);
      }
      return null;
    },
  };
}

/** What comes besides the times that the clocks show, because they were changed when this stretch began. */
function addedStart(cron: CronTimes, clock: ZoneClock, { from, until, offset }: Stretch): number | null {
  const before = clock.stretchAt(from - 1);
  if (before.offset === offset) return null;
  const oldReading = cron.next(from + before.offset - 1);
  if (oldReading === null) return null;
  // Put forward over a time that comes now instead.
  if (before.offset < offset) return oldReading < from + offset ? from : null;
  // Put back: the old clock counts on until the first start, as long as it does not wait for longer than a step.
  const isStep = cron.next(oldReading - cron.stepMs - 1) !== oldReading;
  const start = oldReading - before.offset;
  const firstShown = cron.next(from + offset - 1) ?? Number.POSITIVE_INFINITY;
  return isStep && start < firstShown - offset && start < until ? start : null;
}
