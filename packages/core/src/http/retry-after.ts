/** Beyond this an announcement is more likely a mistake: it would silence a tenant until a restart. */
const longestWaitMs = 60 * 60 * 1000;

/**
 * How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as an HTTP date, else the
 * seconds named in the problem's title (`… Try again in 60 seconds.`); `null` when it says nothing.
 * At most an hour.
 *
 * @param now - Epoch milliseconds. A date is compared with the answer's own `Date` where there is one, so
 * that a machine whose clock is off waits the right time.
 */
export function announcedWaitMs(headers: Headers, title: string | null, now: number): number | null {
  const wait = fromHeader(headers, now) ?? fromTitle(title);
  return wait === null ? null : Math.min(Math.max(wait, 0), longestWaitMs);
}

/** The time of the server's answer, in epoch milliseconds; `null` when it does not say. */
export function serverTimeOf(headers: Headers): number | null {
  return parseDate(headers.get("date"));
}

function fromHeader(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = parseDate(value);
  return date === null ? null : date - (serverTimeOf(headers) ?? now);
}

function fromTitle(title: string | null): number | null {
  const seconds = /try again in (\d+) seconds?/i.exec(title ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function parseDate(value: string | null): number | null {
  // Date.parse takes a bare number for a year.
  if (value === null || !/[a-z]/i.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}
