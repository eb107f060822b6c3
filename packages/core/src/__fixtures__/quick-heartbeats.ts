import { systemClock } from "../async/system-clock.js";
import type { Clock } from "../ports/clock.js";

/** What the runs of a test own: long enough for any machine. */
export const safeLeaseMs = 60_000;

/** The machine's clock, but heartbeats of runs with a lease of {@link safeLeaseMs} come every few milliseconds. */
export const quickHeartbeats: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === safeLeaseMs / 3 ? 10 : ms, signal),
};
