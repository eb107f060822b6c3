import { wallTime } from "../records/instant.js";

const american =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])\.?m\.?|,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/i;

/**
 * A date as reports write it (`2024-03-01 08:05:00`, `3/1/2024 8:05 AM`, `3/1/2024`) as the host's tables print
 * it; without a time only its day, `2024-03-01`. Other text does not change.
 */
export function printedDate(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const wall = wallTime(text);
  if (wall !== null) return wall.replace("T", " ");
  const match = american.exec(text);
  if (match === null) return text;
  const [, month = "", day = "", year = "", hour12, minute12, second12, half, hour24, minute24, second24] =
    match;
  const date = `${year}-${two(month)}-${two(day)}`;
  if (hour12 !== undefined) {
    const hour = (Number(hour12) % 12) + (half?.toLowerCase() === "p" ? 12 : 0);
    return `${date} ${two(String(hour))}:${minute12}:${second12 ?? "00"}`;
  }
  return hour24 === undefined ? date : `${date} ${two(hour24)}:${minute24}:${second24 ?? "00"}`;
}

function two(digits: string): string {
  return digits.padStart(2, "0");
}
