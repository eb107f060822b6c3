/** What starts an extension, after the digits of a number. */
const extension = /(?<=\d[\s,;.(-]*)(?:x|ext|extn|extension|#)[\s.:=]*\d.*$/i;

/**
 * Whether text can be a phone number at all: 7 to 15 digits, its extension aside, that are not all the same.
 * It says nothing about whether anybody answers.
 */
export function isPlausiblePhone(phone: string): boolean {
  const digits = phone.replace(extension, "").replace(/\D/g, "");
  return digits.length >= 7 && digits.length <= 15 && !/^(\d)\1*$/.test(digits);
}

/** Whether text can be one email address: something, an `@`, and a domain of at least two parts. */
export function isPlausibleEmail(email: string): boolean {
  return email.length <= 254 && /^[^\s@,;<>()]{1,64}@[^\s@,;<>().]+(?:\.[^\s@,;<>().]+)+$/.test(email);
}

/** A printed date before this is a typo. */
const earliestYear = "1990";
const yearsAhead = 2;
const averageYearMs = 31_556_952_000;

/**
 * Why a printed date, `YYYY-MM-DD HH:mm:ss`, is not plausible; `null` when it is. Text that is not a date is a
 * matter of other rules.
 *
 * @param now - Epoch milliseconds.
 */
export function dateFault(printed: string, now: number): string | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(printed)) return null;
  if (printed < earliestYear) return `is before ${earliestYear}`;
  // Nearly every date is in the past, which can be decided without a calendar.
  if (Number(printed.slice(0, 4)) <= 1970 + Math.floor(now / averageYearMs)) return null;
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + yearsAhead);
  return printed > printInUtc(latest) ? "is more than two years in the future" : null;
}

function printInUtc(date: Date): string {
  return date.toISOString().slice(0, "YYYY-MM-DDTHH:mm:ss".length).replace("T", " ");
}
