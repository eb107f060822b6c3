/**
 * Instants as ServiceTitan prints them have up to seven fractional digits, more than a `Date` holds. Here an
 * instant is compared as a *key*: its UTC text with exactly seven digits, `2024-06-01T00:12:33.4566667`, whose
 * order as text is its order in time.
 */
export type InstantKey = string;

/** What ServiceTitan writes where it knows no date, and the key of rows without one. */
export const zeroInstant = "0001-01-01T00:00:00Z";
export const zeroKey: InstantKey = "0001-01-01T00:00:00.0000000";

const pattern = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** The key of a date or date-time, taken as UTC without an offset; `null` when it is neither. */
export function instantKey(text: string): InstantKey | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, date = "", time = "00:00", seconds = "00", fraction = "", offset = "Z"] = match;
  const whole = Date.parse(`${date}T${time}:${seconds}${offset}`);
  if (Number.isNaN(whole)) return null;
  return `${new Date(whole).toISOString().slice(0, 19)}.${fraction.padEnd(7, "0")}`;
}

const printed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z$/;

/** The same for the text of a row, taken at its word when it looks as the API prints it. */
export function keyOfPrinted(text: string): InstantKey | null {
  if (!printed.test(text)) return instantKey(text);
  return `${text.slice(0, 19)}.${text.slice(20, -1).padEnd(7, "0")}`;
}

/** @param ticks - Units of 100 ns beyond the millisecond, 0 to 9999. */
export function keyOfTime(epochMs: number, ticks = 0): InstantKey {
  const ms = Math.floor(epochMs);
  const ofDay = ms - Math.floor(ms / dayMs) * dayMs;
  const fraction = String((ofDay % 1000) * 10_000 + ticks).padStart(7, "0");
  return `${dayOf(ms)}T${clockOf(Math.floor(ofDay / 1000))}.${fraction}`;
}

/** The UTC day of a time, `2024-06-01`. */
export function dayOf(epochMs: number): string {
  const day = Math.floor(epochMs / dayMs);
  let text = dayTexts.get(day);
  if (text === undefined) {
    if (dayTexts.size >= maxDays) dayTexts.clear();
    text = new Date(day * dayMs).toISOString().slice(0, 10);
    dayTexts.set(day, text);
  }
  return text;
}

/** Printing dates would take most of the time of generating a tenant; its rows share a few thousand days. */
const dayTexts = new Map<number, string>();
const maxDays = 10_000;
const dayMs = 86_400_000;

function clockOf(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** As the API prints it: trailing zeros of the fraction are cut, `Z` is added. */
export function printInstant(key: InstantKey): string {
  const digits = key.slice(20).replace(/0+$/, "");
  return digits === "" ? `${key.slice(0, 19)}Z` : `${key.slice(0, 19)}.${digits}Z`;
}

/** Gives every change of a simulator its own instant, in order, even while the clock stands still. */
export interface ChangeClock {
  next(): InstantKey;
}

export function createChangeClock(now: () => number): ChangeClock {
  let lastMs = Number.NEGATIVE_INFINITY;
  let ticks = 0;
  return {
    next() {
      const ms = Math.floor(now());
      if (ms > lastMs) {
        lastMs = ms;
        ticks = 0;
      } else if (ticks < 9999) {
        ticks += 1;
      } else {
        lastMs += 1;
        ticks = 0;
      }
      return keyOfTime(lastMs, ticks);
    },
  };
}
