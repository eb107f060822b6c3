/**
 * Invisible characters: soft hyphens, zero-width spaces and joiners, marks of writing direction, fillers.
 * Variation selectors and tags are not among them: they are part of the preceding emoji or letter.
 */
const invisibles =
  "\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFF8";
/** JavaScript's whitespace, including no-break spaces, and the one that it omits. */
const spaces = "\\s\\u0085";

const isInvisible = new RegExp(`[${invisibles}]`, "g");
const isBlank = new RegExp(`[${spaces}]`);
const isNothing = new RegExp(`[${spaces}${invisibles}]`);
const blankRuns = new RegExp(`[${spaces}]+`, "g");
const runs = new RegExp(`[${spaces}${invisibles}]+`, "g");
const visible = /[^\s\u0085\p{Default_Ignorable_Code_Point}]/u;

/** Makes each run of whitespace one blank, with the invisible characters beside it. Between letters those stay. */
export function joinSpaces(text: string): string {
  // Nearly all text has none of them, and a test for each run costs more than everything else.
  if (text.search(isInvisible) === -1) return text.replace(blankRuns, " ");
  return text.replace(runs, (run) => (isBlank.test(run) ? " " : run));
}

/** Without whitespace and invisible characters at its ends. */
export function trimInvisible(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isNothing.test(text.charAt(start))) start += 1;
  while (end > start && isNothing.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Without any invisible character. */
export function withoutInvisible(text: string): string {
  return text.replace(isInvisible, "");
}

/** Whether there is anything to see. */
export function isVisible(text: string): boolean {
  return visible.test(text);
}
