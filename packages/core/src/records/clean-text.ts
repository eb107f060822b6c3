/** Anything but printable ASCII, or a blank that is not a single one between words. */
const mayNeedCleaning = /[^!-~ ]|^ | $| {2}/;
/** JavaScript's white space, no-break spaces included, and the one that it leaves out. */
const whiteSpace = /[\s\u0085]+/g;
const loneSurrogate = /\p{Surrogate}/gu;

/**
 * Text as the host's tables want it: trimmed, each run of white space one blank, `null` when nothing is left.
 * What no text column can hold goes too: NUL is dropped, half a surrogate pair becomes U+FFFD.
 */
export function cleanText(value: string | null | undefined): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (!mayNeedCleaning.test(value)) return value;
  const cleaned = value.replaceAll("\0", "").replace(loneSurrogate, "\uFFFD").replace(whiteSpace, " ").trim();
  return cleaned === "" ? null : cleaned;
}
