/** The contents of ISO 8601 text, before any shift. */
interface InstantParts {
  /** `YYYY-MM-DDTHH:mm:ss` as written. */
  readonly wall: string;
  /** Seven digits. */
  readonly fraction: string;
  /** The offset of the written time from UTC. */
  readonly offsetMinutes: number;
}

const shape =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?(?:Z|([+-])(\d{2}):?(\d{2}))?$/i;
/** Nearly all instants of the API: in UTC, on any day but February 29. */
const usual =
  /^[12]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,7})?Z$/;
const usualLength = "2024-03-01T08:05:00.1234567Z".length;
const zeroDate = "0001-01-01";
const fractionDigits = 7;

/**
 * An instant of the API as UTC with seven fractional digits, `2024-03-01T08:05:00.1234567Z`, so that the
 * order of texts is the order of time: JavaScript's `Date` would lose the last four digits. Further digits
 * are cut. Text without an offset is UTC.
 *
 * @returns `null` for what is missing: no text, the API's zero dates (`0001-01-01…`), text that is no instant.
 */
export function normalizeInstant(text: string | null | undefined): string | null {
  if (text && usual.test(text)) {
    return text.length === usualLength ? text : `${text.slice(0, 19)}.${padded(text.slice(20, -1))}Z`;
  }
  const parts = readInstant(text);
  if (parts === null) return null;
  if (parts.offsetMinutes === 0) return `${parts.wall}.${parts.fraction}Z`;
  const shifted = new Date(Date.parse(`${parts.wall}Z`) - parts.offsetMinutes * 60_000).toISOString();
  // Before year 0 and after 9999 the year is longer, and text order is no longer time order.
  return shifted.length === "2024-03-01T08:05:00.000Z".length
    ? `${shifted.slice(0, parts.wall.length)}.${parts.fraction}Z`
    : null;
}

/** Whether text is there that says something, but no instant: not the zero date either, with which the API says that there is none. */
export function isUnreadableInstant(text: string | null | undefined): boolean {
  const given = text?.trim() ?? "";
  return given !== "" && !given.startsWith(zeroDate) && normalizeInstant(given) === null;
}

/** The date and time as they are written, `YYYY-MM-DDTHH:mm:ss`, whatever the offset; `null` as for {@link normalizeInstant}. */
export function wallTime(text: string | null | undefined): string | null {
  return readInstant(text)?.wall ?? null;
}

function readInstant(text: string | null | undefined): InstantParts | null {
  if (text === null || text === undefined) return null;
  const match = shape.exec(text.trim());
  if (match === null) return null;
  const [, year = "", month = "", day = "", hour = "00", minute = "00", second = "00"] = match;
  const [fraction = "", sign = "+", offsetHours = "00", offsetMinutes = "00"] = match.slice(7);
  const date = `${year}-${month}-${day}`;
  if (date === zeroDate || !isDate(Number(year), Number(month), Number(day))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes);
  return {
    wall: `${date}T${hour}:${minute}:${second}`,
    fraction: padded(fraction.slice(0, fractionDigits)),
    offsetMinutes: sign === "-" ? -offset : offset,
  };
}

function padded(fraction: string): string {
  return fraction.padEnd(fractionDigits, "0");
}

function isDate(year: number, month: number, day: number): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
