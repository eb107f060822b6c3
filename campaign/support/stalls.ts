import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 5;

/**
 * Measures from now on how long this process stands still at most: nothing can be sent or counted meanwhile.
 * @returns what gives the longest time so far, in milliseconds.
 */
export function watchStalls(): () => number {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return () => Math.max(0, delays.max / 1e6 - resolutionMs);
}
