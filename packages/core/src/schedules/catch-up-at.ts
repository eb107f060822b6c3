import type { ScheduleTimes } from "../ports/schedule-store.js";
import { judgedAlikeUntil, judgeNominal } from "./judge-nominal.js";
import { stableFraction } from "./stable-fraction.js";
import { closingAfter, readWindow } from "./start-window.js";
import { zoneClock } from "./zone-clock.js";

/** Credentials that were missed together catch up over this time, in milliseconds. */
const spreadMs = 15 * 60_000;
/** Beyond a year of quiet days nobody waits for what was missed. */
const horizonMs = 366 * 86_400_000;

/**
 * When a schedule catches up with missed starts: at the next instant from `from` on that is within its window and on no
 * quiet day, and up to 15 minutes later, so that not everybody does at once. `null` when there is none within a year.
 */
export function catchUpAt(schedule: ScheduleTimes, from: number): number | null {
  let instant = from;
  for (;;) {
    const verdict = judgeNominal(schedule, instant);
    if (verdict === "permitted") break;
    instant = judgedAlikeUntil(schedule, instant, verdict);
    if (instant > from + horizonMs) return null;
  }
  const window = schedule.window === null ? null : readWindow(schedule.window);
  const spread = instant + Math.floor(stableFraction("catch-up", schedule.credentialId) * spreadMs);
  if (window === null) return spread;
  return Math.min(spread, closingAfter(window, instant, zoneClock(schedule.timeZone)) - 1);
}
