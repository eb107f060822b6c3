/** A time during which a zone's clocks are not changed. */
export interface Stretch {
  /** Epoch milliseconds. */
  readonly from: number;
  /** Where the next one begins, epoch milliseconds. */
  readonly until: number;
  /** What the clocks are ahead of UTC, in milliseconds. */
  readonly offset: number;
}

/**
 * The clocks of a time zone. What they show, a *reading*, is written as the epoch milliseconds at which a clock in UTC
 * shows the same.
 */
export interface ZoneClock {
  stretchAt(time: number): Stretch;
  /** The first moment at which the clocks show this reading or a later one. */
  firstShowing(reading: number): number;
  /** The latest reading that the clocks have shown until then: more than they show in a repeated hour. */
  latestShown(time: number): number;
}

export const dayMs = 86_400_000;
/** More than any zone is, or was, ahead of UTC. */
const maxOffsetMs = 16 * 3_600_000;

/** Of every zone in use. To ask a formatter for each instant would cost more than all else. */
const clocks = new Map<string, ZoneClock>();

/** @throws RangeError when the time zone is unknown. */
export function zoneClock(timeZone: string): ZoneClock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = createZoneClock(createOffsets(timeZone));
  clocks.set(timeZone, clock);
  return clock;
}

function createZoneClock(offsetAt: (time: number) => number): ZoneClock {
  const years = new Map<number, readonly Stretch[]>();

  function stretchAt(time: number): Stretch {
    const year = new Date(time).getUTCFullYear();
    const stretches = years.get(year) ?? stretchesOf(year, offsetAt);
    years.set(year, stretches);
    const found = stretches.find(({ until }) => time < until);
    if (found === undefined) throw new RangeError(`No clocks are known at ${time}.`);
    return found;
  }

  return {
    stretchAt,

    firstShowing(reading) {
      let stretch = stretchAt(reading - maxOffsetMs);
      while (reading >= stretch.until + stretch.offset) stretch = stretchAt(stretch.until);
      return Math.max(stretch.from, reading - stretch.offset);
    },

    latestShown(time) {
      const { from, offset } = stretchAt(time);
      const before = stretchAt(from - 1);
      return Math.max(time + offset, before.until - 1 + before.offset);
    },
  };
}

/** Day by day: no zone changes its clocks forth and back within one day. */
function stretchesOf(year: number, offsetAt: (time: number) => number): readonly Stretch[] {
  const end = Date.UTC(year + 1, 0, 1);
  const stretches: Stretch[] = [];
  let from = Date.UTC(year, 0, 1);
  let offset = offsetAt(from);
  for (let day = from; day < end; day += dayMs) {
    const later = offsetAt(day + dayMs);
    if (later === offset) continue;
    const until = changeBetween(day, day + dayMs, offsetAt);
    stretches.push({ from, until, offset });
    from = until;
    offset = later;
  }
  return [...stretches, { from, until: end, offset }].filter((stretch) => stretch.from < stretch.until);
}

/** The first second at which the offset is no longer that of the beginning. */
function changeBetween(from: number, to: number, offsetAt: (time: number) => number): number {
  const before = offsetAt(from);
  let [last, first] = [from, to];
  while (first - last > 1000) {
    const middle = last + Math.floor((first - last) / 2000) * 1000;
    if (offsetAt(middle) === before) last = middle;
    else first = middle;
  }
  return first;
}

function createOffsets(timeZone: string): (time: number) => number {
  const formatter = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (time) => {
    // Such as "3/8/2026, GMT-05:00"; "GMT" alone where the clocks show UTC.
    const [, sign, hours, minutes, seconds] =
      /GMT([+-])(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(formatter.format(time)) ?? [];
    if (sign === undefined) return 0;
    const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)) * 1000;
    return sign === "-" ? -offset : offset;
  };
}
