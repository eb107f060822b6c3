/**
 * A second reading of what a schedule means: minute by minute, with nothing but what `Intl` says that the clocks show.
 * It shares no code with the calendar that it checks.
 */

/** What the clocks of a zone show at each minute of a span. */
export interface ShownMinutes {
  /** Epoch minutes. */
  readonly first: number;
  /** One for each minute: what the clocks show, as if it were UTC, in minutes since the epoch. */
  readonly shown: Int32Array;
}

export interface NaiveStart {
  /** Epoch minutes. */
  readonly minute: number;
  readonly refusal: "quiet-day" | "outside-window" | null;
  /** The first minute after it that is outside of the window, within an hour; infinite when there is none. */
  readonly closes: number;
}

interface NaiveSchedule {
  readonly cron: string;
  readonly window: string | null;
  readonly quietDays: readonly string[];
}

const minutesOfDay = 1440;

export function showMinutes(timeZone: string, from: number, days: number): ShownMinutes {
  const formatter = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const first = from / 60_000;
  const shown = new Int32Array(days * minutesOfDay);
  for (let n = 0; n < shown.length; n += 1) {
    // "2026-03-08 03:00"
    const text = formatter.format((first + n) * 60_000);
    shown[n] = Date.parse(`${text.replace(" ", "T")}Z`) / 60_000;
  }
  return { first, shown };
}

/** Every nominal instant of a cron expression in the span, but for those that depend on what was before it. */
export function naiveStarts(schedule: NaiveSchedule, minutes: ShownMinutes): readonly NaiveStart[] {
  const [minuteField = "", hourField = ""] = schedule.cron.split(" ");
  const isWildcard = /\*|^0-59$/.test(minuteField) || hourField.includes("*");
  const names = matcher(schedule.cron);
  const step = 60 * Math.max(1, Number(/\/(\d+)/.exec(hourField)?.[1] ?? 1));
  const found = isWildcard ? wildcardMinutes(names, step, minutes) : fixedMinutes(names, minutes);
  return found.map((minute) => ({
    minute,
    refusal: naiveRefusal(schedule, shownAt(minutes, minute)),
    closes: naiveClosing(schedule, minute, minutes),
  }));
}

/** Whether a schedule refuses to start while its clocks show this. */
export function naiveRefusal(
  { window, quietDays }: Pick<NaiveSchedule, "window" | "quietDays">,
  shown: number,
): NaiveStart["refusal"] {
  const day = Math.floor(shown / minutesOfDay);
  if (quietDays.length > 0 && quietDays.includes(dateOf(day))) return "quiet-day";
  if (window === null) return null;
  return hoursOf(window)[shown - day * minutesOfDay] === true ? null : "outside-window";
}

function dateOf(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const [date = ""] = new Date(day * minutesOfDay * 60_000).toISOString().split("T");
  dates.set(day, date);
  return date;
}

const dates = new Map<number, string>();

/** Whether a window is open, for each minute that clocks show, compared as texts. */
function hoursOf(window: string): readonly boolean[] {
  const known = hours.get(window);
  if (known !== undefined) return known;
  const [opens = "", closes = ""] = window.split("-");
  const open = Array.from({ length: minutesOfDay }, (_, minute) => {
    const clock = new Date(minute * 60_000).toISOString().slice(11, 16);
    return opens < closes ? opens <= clock && clock < closes : opens <= clock || clock < closes;
  });
  hours.set(window, open);
  return open;
}

const hours = new Map<string, readonly boolean[]>();

/** The first minute after this one that is outside of the window, looked for during an hour. */
export function naiveClosing(
  { window }: Pick<NaiveSchedule, "window">,
  minute: number,
  minutes: ShownMinutes,
): number {
  for (let later = minute; window !== null && later <= minute + 60; later += 1) {
    const shown = minutes.shown[later - minutes.first];
    if (shown === undefined) break;
    if (naiveRefusal({ window, quietDays: [] }, shown) !== null) return later;
  }
  return Number.POSITIVE_INFINITY;
}

/** Each named time of each day that the clocks show: as soon as they show that time of it, or a later one. */
function fixedMinutes(names: (shown: number) => boolean, { first, shown }: ShownMinutes): readonly number[] {
  const days = new Set(shown.map((reading) => Math.floor(reading / minutesOfDay)));
  const wanted: number[] = [];
  for (const day of [...days].sort((left, right) => left - right)) {
    for (let time = 0; time < minutesOfDay; time += 1) {
      const reading = day * minutesOfDay + time;
      if (reading > (shown[0] ?? 0) && names(reading)) wanted.push(reading);
    }
  }
  const starts = new Set<number>();
  shown.forEach((reading, n) => {
    while (wanted[0] !== undefined && wanted[0] <= reading) {
      wanted.shift();
      starts.add(first + n);
    }
  });
  return [...starts];
}

function wildcardMinutes(
  names: (shown: number) => boolean,
  step: number,
  { first, shown }: ShownMinutes,
): readonly number[] {
  const starts: number[] = [];
  // What the clocks would show if they had not been put back; null once a start has come since.
  let oldClock: number | null = null;
  for (let n = 1; n < shown.length; n += 1) {
    const reading = shown[n] ?? 0;
    const expected = (shown[n - 1] ?? 0) + 1;
    if (oldClock !== null) oldClock += 1;
    if (reading < expected) oldClock = expected;
    let isStart = names(reading);
    for (let skipped = expected; skipped < reading; skipped += 1) isStart ||= names(skipped);
    const last = starts.at(-1);
    if (oldClock !== null && !isStart && names(oldClock)) {
      isStart = last !== undefined && first + n - last <= step;
      if (!isStart) oldClock = null;
    }
    if (!isStart) continue;
    starts.push(first + n);
    oldClock = null;
  }
  return starts;
}

function shownAt({ first, shown }: ShownMinutes, minute: number): number {
  return shown[minute - first] ?? Number.NaN;
}

function matcher(cron: string): (shown: number) => boolean {
  const [minutes = "", hours = "", daysOfMonth = "", months = "", daysOfWeek = ""] = cron.split(" ");
  const [minute, hour, day, month, weekday] = [
    numbers(minutes, 0, 59),
    numbers(hours, 0, 23),
    numbers(daysOfMonth, 1, 31),
    numbers(months, 1, 12),
    numbers(daysOfWeek, 0, 6),
  ];
  return (shown) => {
    const date = new Date(shown * 60_000);
    if (!minute?.has(date.getUTCMinutes()) || !hour?.has(date.getUTCHours())) return false;
    if (!month?.has(date.getUTCMonth() + 1)) return false;
    const isDay = day?.has(date.getUTCDate()) === true;
    const isWeekday = weekday?.has(date.getUTCDay()) === true;
    // As cron has always done it: where both are given, one of them is enough.
    return daysOfMonth === "*" || daysOfWeek === "*" ? isDay && isWeekday : isDay || isWeekday;
  };
}

function numbers(field: string, least: number, most: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to = from] = range === "*" ? [String(least), String(most)] : range.split("-");
    for (let number = Number(from); number <= Number(to); number += Number(step)) found.add(number);
  }
  return found;
}
