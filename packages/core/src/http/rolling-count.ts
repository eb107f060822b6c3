import type { Clock } from "../ports/clock.js";

const buckets = 60;

/** Counts what happened in the last sixtieth to sixty sixtieths of a span, to a sixtieth. */
export interface RollingCount {
  add(): void;
  read(): number;
}

/** @param spanMs - The span, in milliseconds. */
export function createRollingCount(spanMs: number, clock: Clock): RollingCount {
  const bucketMs = spanMs / buckets;
  const counts = new Map<number, number>();
  const current = (): number => Math.floor(clock.now() / bucketMs);

  function forget(): void {
    const newest = current();
    for (const bucket of counts.keys()) {
      // A clock that was set back leaves buckets in the future.
      if (bucket <= newest - buckets || bucket > newest) counts.delete(bucket);
    }
  }

  return {
    add() {
      const bucket = current();
      const before = counts.get(bucket);
      if (before === undefined) forget();
      counts.set(bucket, (before ?? 0) + 1);
    },
    read() {
      forget();
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
  };
}
