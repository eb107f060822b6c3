import { isVisible, joinSpaces, trimInvisible } from "./invisible.js";

/** Anything but printable ASCII, or a space that is not a single one between words. */
const mayNeedCleaning = /[^!-~ ]|^ | $| {2}/;
const loneSurrogate = /\p{Surrogate}/gu;

/**
 * Text as the host's tables want it: trimmed, each run of whitespace one blank, `null` when nothing is left to see.
 * Invisible characters go where whitespace goes, and stay between letters, where they join or part them. What no text
 * column can hold goes too: NUL is dropped, half a surrogate pair becomes U+FFFD.
 */
export function cleanText(value: string | null | undefined): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (!mayNeedCleaning.test(value)) return value;
  const cleaned = trimInvisible(joinSpaces(value.replaceAll("\0", "").replace(loneSurrogate, "\uFFFD")));
  return isVisible(cleaned) ? cleaned : null;
}
