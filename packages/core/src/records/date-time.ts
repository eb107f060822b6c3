import { normalizeInstant, wallTime } from "./instant.js";
import { createZoneOffsets, type ZoneOffsets } from "./zone-offsets.js";

interface Zone {
  readonly formatter: Intl.DateTimeFormat;
  readonly offsets: ZoneOffsets;
}

/** Creating a formatter costs a thousand times as much as using it; there is one for each zone in use. */
const zones = new Map<string, Zone>();
const printedLength = "YYYY-MM-DD HH:mm:ss".length;
const isoLength = "YYYY-MM-DDTHH:mm:ss.sssZ".length;

/**
 * An instant as the host's tables print it, `YYYY-MM-DD HH:mm:ss` in a time zone. Fractions of a second
 * are cut, never rounded up. `null` where the instant is missing. One that the time zone would move beyond the year
 * 9999 prints as it is in UTC.
 *
 * @param timeZone - IANA name, for instance `America/Chicago`.
 * @throws RangeError when the time zone is unknown: check it with {@link isTimeZone}.
 */
export function printInstant(text: string | null | undefined, timeZone: string): string | null {
  const instant = normalizeInstant(text);
  if (instant === null) return null;
  const wall = instant.slice(0, "YYYY-MM-DDTHH:mm:ss".length);
  return timeZone === "UTC"
    ? withBlank(wall)
    : (printLocal(Date.parse(`${wall}Z`), timeZone) ?? withBlank(wall));
}

/** A business date such as an invoice's, printed as it is written: it belongs to no time zone. */
export function printBusinessDate(text: string | null | undefined): string | null {
  const wall = wallTime(text);
  return wall === null ? null : withBlank(wall);
}

/** Whether a name is that of a time zone in which dates can print. */
export function isTimeZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

function printLocal(time: number, timeZone: string): string | null {
  const { formatter, offsets } = zoneOf(timeZone);
  const offset = offsets.on(time);
  if (offset !== null) {
    const shifted = new Date(time + offset).toISOString();
    // Before year 0 and after 9999 it is longer.
    if (shifted.length === isoLength) return withBlank(shifted.slice(0, "YYYY-MM-DDTHH:mm:ss".length));
  }
  const printed = printBy(formatter, time);
  // The last hours of the year 9999, which mean "never", have no local form with four digits.
  return printed.length === printedLength ? printed : null;
}

function printBy(formatter: Intl.DateTimeFormat, time: number): string {
  const parts = { year: "", month: "", day: "", hour: "", minute: "", second: "" };
  for (const { type, value } of formatter.formatToParts(time)) {
    if (type in parts) parts[type as keyof typeof parts] = value;
  }
  const date = `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}`;
  return `${date} ${parts.hour}:${parts.minute}:${parts.second}`;
}

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const offsetAt = (time: number): number =>
    Date.parse(`${printBy(formatter, time).replace(" ", "T")}Z`) - time;
  const zone = { formatter, offsets: createZoneOffsets(offsetAt) };
  zones.set(timeZone, zone);
  return zone;
}

function withBlank(wall: string): string {
  return wall.replace("T", " ");
}
