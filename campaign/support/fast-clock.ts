/**
 * A clock that runs faster than this machine's, from a time in its past. The lag of exports, a quarter of an hour by
 * ServiceTitan's clock, then is over within seconds.
 */
export interface FastClock {
  /** What both clocks show at first, in epoch milliseconds. */
  readonly from: { readonly machine: number; readonly server: number };
  /** How much faster it runs. */
  readonly rate: number;
}

/** @param forMs - after this long it has caught up with the machine's clock, and runs like it from then on. */
export function fastClock(rate: number, forMs: number): FastClock {
  const machine = Date.now();
  return { from: { machine, server: machine - (rate - 1) * forMs }, rate };
}

/** What the clock shows when the machine's shows `machineTime`. It is never ahead. */
export function serverTime({ from, rate }: FastClock, machineTime: number): number {
  return Math.min(machineTime, Math.floor(from.server + rate * (machineTime - from.machine)));
}
