const dayMs = 24 * 60 * 60 * 1000;
/** The number of cached days of a zone: decades. */
const maxDays = 20_000;

/**
 * What a time zone's clocks are ahead of UTC on whole days, in milliseconds. Asking a formatter for each instant
 * costs more than all else that is done with it.
 */
export interface ZoneOffsets {
  /** @returns `null` on a UTC day on which the clocks change: then each instant must be looked up. */
  on(time: number): number | null;
}

/** @param offsetAt - The offset at an instant, asked for at the edges of a day. */
export function createZoneOffsets(offsetAt: (time: number) => number): ZoneOffsets {
  const days = new Map<number, number | null>();
  return {
    on(time) {
      const day = Math.floor(time / dayMs);
      const known = days.get(day);
      if (known !== undefined) return known;
      // No zone has changed its clocks forward and back within one day.
      const [first, last] = [offsetAt(day * dayMs), offsetAt((day + 1) * dayMs)];
      const offset = first === last ? first : null;
      if (days.size >= maxDays) days.clear();
      days.set(day, offset);
      return offset;
    },
  };
}
