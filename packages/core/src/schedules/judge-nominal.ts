import type { ScheduleTimes } from "../ports/schedule-store.js";
import { isWithin, nextReading, readWindow } from "./start-window.js";
import { zoneClock } from "./zone-clock.js";

/** Whether a schedule starts at one of its nominal instants, or why not. */
export type NominalVerdict = "permitted" | "quiet-day" | "outside-window";

/** Judges a nominal instant (epoch milliseconds) by what the clocks of the schedule's zone show then. */
export function judgeNominal(
  { timeZone, window, quietDays }: Pick<ScheduleTimes, "timeZone" | "window" | "quietDays">,
  nominalAt: number,
): NominalVerdict {
  const reading = nominalAt + zoneClock(timeZone).stretchAt(nominalAt).offset;
  if (quietDays.length > 0 && quietDays.includes(new Date(reading).toISOString().slice(0, 10))) {
    return "quiet-day";
  }
  const hours = window === null ? null : readWindow(window);
  return hours === null || isWithin(hours, reading) ? "permitted" : "outside-window";
}

/** Until when every instant is judged as this one, which is not permitted: there is no need to look at those between. */
export function judgedAlikeUntil(
  { timeZone, window }: Pick<ScheduleTimes, "timeZone" | "window">,
  nominalAt: number,
  verdict: Exclude<NominalVerdict, "permitted">,
): number {
  const { until, offset } = zoneClock(timeZone).stretchAt(nominalAt);
  const reading = nominalAt + offset;
  const hours = window === null ? null : readWindow(window);
  const change =
    verdict === "quiet-day" || hours === null ? nextReading(0, reading) : nextReading(hours.opensAt, reading);
  return Math.min(change - offset, until);
}
