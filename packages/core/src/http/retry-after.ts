import { parseHttpDate } from "./http-date.js";

/** A longer announced wait is more likely a mistake: it would block a tenant until a restart. */
const longestWaitMs = 60 * 60 * 1000;
/** The part of a body in which a wait may be announced. */
const maxCharacters = 10_000;

/**
 * How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a date, else the time that a text of
 * the body names (`… Try again in 60 seconds.`, `… replenished in 00:01:00.`); `null` when it says nothing. At most an
 * hour.
 *
 * @param now - Epoch milliseconds. A date is compared with the answer's own `Date` where there is one, so
 * that a machine whose clock is off waits the right time.
 */
export function announcedWaitMs(headers: Headers, bodyText: string, now: number): number | null {
  const wait = fromHeader(headers, now) ?? fromText(bodyText.slice(0, maxCharacters));
  return wait === null ? null : Math.min(Math.max(wait, 0), longestWaitMs);
}

/** The time of the server's answer, in epoch milliseconds; `null` if it does not say. */
export function serverTimeOf(headers: Headers): number | null {
  return parseHttpDate(headers.get("date"));
}

function fromHeader(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  // A proxy that adds its own header causes two numbers.
  if (/^\d+(\.\d*)?( ?s| ?seconds?)?(, *\d+)*$/i.test(value)) {
    return Math.max(...value.split(",").map((part) => Number.parseFloat(part))) * 1000;
  }
  const date = parseHttpDate(value);
  return date === null ? null : date - (serverTimeOf(headers) ?? now);
}

const lead = String.raw`\b(?:again|retry|wait|back|available|replenished)\b[^.<"]{0,30}?\b(?:in|after|for) `;
const inWords = new RegExp(String.raw`${lead}(\d{1,6}(?:\.\d+)?) ?(s|secs?|seconds?|mins?|minutes?)\b`, "i");
const asClock = new RegExp(String.raw`${lead}(\d{1,2}):(\d{2}):(\d{2})\b`, "i");

/** Anywhere in the body: as a problem's title, as the `message` of Azure's gateway, or in a page. */
function fromText(text: string): number | null {
  const [, number, unit = ""] = inWords.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (/^m/i.test(unit) ? 60_000 : 1000);
  const [, hours, minutes, seconds] = asClock.exec(text) ?? [];
  if (hours === undefined) return null;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
