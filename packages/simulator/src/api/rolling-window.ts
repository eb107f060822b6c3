/** Counts events within a rolling window of milliseconds. */
export interface RollingWindow {
  /** How many lie within the window that ends now. */
  count(now: number): number;
  add(now: number): void;
  /** When the oldest one leaves the window; `null` when it is empty. */
  freeAt(): number | null;
}

export function createRollingWindow(lengthMs: number): RollingWindow {
  let times: number[] = [];
  let first = 0;

  function forget(now: number): void {
    while (first < times.length && (times[first] ?? now) <= now - lengthMs) first += 1;
    if (first > 1024 && first > times.length / 2) {
      times = times.slice(first);
      first = 0;
    }
  }

  return {
    count(now) {
      forget(now);
      return times.length - first;
    },
    add(now) {
      forget(now);
      times.push(now);
    },
    freeAt() {
      const oldest = times[first];
      return oldest === undefined ? null : oldest + lengthMs;
    },
  };
}
