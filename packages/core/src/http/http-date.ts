const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The three forms of HTTP, RFC 9110 section 5.6.7, and ISO 8601 with its zone, which some servers send. */
const internet =
  /^\w{3}, (?<day>\d{1,2}) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) (?:GMT|UTC)$/;
const rfc850 =
  /^\w{6,9}, (?<day>\d{2})-(?<month>\w{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) (?:GMT|UTC)$/;
const asctime = /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/;
const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * A date of an HTTP header in epoch milliseconds; `null` for anything else. `Date.parse` takes a date without a zone,
 * as `asctime` writes it, for local time, and makes dates of texts that are none.
 */
export function parseHttpDate(value: string | null): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (iso.test(text)) return numberOrNull(Date.parse(text));
  const parts = (internet.exec(text) ?? rfc850.exec(text) ?? asctime.exec(text))?.groups;
  const month = months.indexOf(parts?.["month"]?.toLowerCase() ?? "");
  if (parts === undefined || month === -1) return null;
  const [hours, minutes, seconds] = (parts["time"] ?? "").split(":").map(Number);
  const year = fullYear(parts["year"] ?? "");
  return numberOrNull(Date.UTC(year, month, Number(parts["day"]), hours, minutes, seconds));
}

/** Two-digit years are in this century: servers that send them mean the present. */
function fullYear(text: string): number {
  return text.length === 2 ? 2000 + Number(text) : Number(text);
}

function numberOrNull(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}
