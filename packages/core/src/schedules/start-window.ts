import { dayMs, type ZoneClock } from "./zone-clock.js";

/** The part of the day in which a schedule may start, in milliseconds after midnight. It may span midnight. */
export interface StartWindow {
  readonly opensAt: number;
  /** The first moment that is outside. */
  readonly closesAt: number;
}

/** Reads `22:00-05:00`; `null` for anything else, and for a window that would be empty. */
export function readWindow(text: string): StartWindow | null {
  const time = "([01]\\d|2[0-3]):([0-5]\\d)";
  const match = new RegExp(`^${time}-${time}$`).exec(text);
  if (match === null) return null;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  const opensAt = timeOfDay(fromHour, fromMinute);
  const closesAt = timeOfDay(toHour, toMinute);
  return opensAt === closesAt ? null : { opensAt, closesAt };
}

/** @param reading - of the clocks of the schedule's zone. */
export function isWithin({ opensAt, closesAt }: StartWindow, reading: number): boolean {
  const time = modulo(reading, dayMs);
  return opensAt < closesAt ? time >= opensAt && time < closesAt : time >= opensAt || time < closesAt;
}

/** When the window closes after an instant that is within: the clocks may also be put forward beyond its end. */
export function closingAfter(window: StartWindow, instant: number, clock: ZoneClock): number {
  let from = instant;
  for (;;) {
    const { until, offset } = clock.stretchAt(from);
    if (!isWithin(window, from + offset)) return from;
    const closing = nextReading(window.closesAt, from + offset) - offset;
    if (closing <= until) return closing;
    from = until;
  }
}

/** The first reading after this one that shows a time of day. */
export function nextReading(timeOfDayMs: number, after: number): number {
  return after + dayMs - modulo(after - timeOfDayMs, dayMs);
}

function timeOfDay(hour = 0, minute = 0): number {
  return (hour * 60 + minute) * 60_000;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
