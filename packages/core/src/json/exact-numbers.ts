import { endOfValue, isListAt, isObjectAt, skipSpaces, sliceElements, walkFields } from "./scan.js";

/** The texts that rows were parsed from, by the row: numbers are looked up there where their digits matter. */
export type RowTexts = ReadonlyMap<object, string>;

/** For rows of which nothing but the parsed value is known. */
export const noTexts: RowTexts = new Map();

/** Digits that an exponent may add; a longer one does not change. */
const maxZeros = 1000;
const scientific = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,4})$/;

/**
 * A number exactly as in the row's text: with its scale, and with digits that a `number` would lose.
 *
 * @param path - From the row: names of fields and places in lists.
 * @param value - The parsed value at that path.
 */
export function exactNumber(
  row: object,
  path: readonly (string | number)[],
  value: number,
  texts: RowTexts,
): string {
  const text = texts.get(row);
  const source = text === undefined ? null : textAt(text, path);
  return plainDecimal(source ?? String(value));
}

/** A number without an exponent, all its digits kept: `1.50e2` is `150`, `5e-7` is `0.0000005`. */
export function plainDecimal(number: string): string {
  const match = scientific.exec(number);
  if (match === null) return number;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > maxZeros) return number;
  const point = whole.length + shift;
  const digits = (whole + fraction).padStart(whole.length + fraction.length + Math.max(0, -point), "0");
  const before = digits
    .slice(0, Math.max(0, point))
    .padEnd(point, "0")
    .replace(/^0+(?=\d)/, "");
  const after = digits.slice(Math.max(0, point));
  return `${sign}${before === "" ? "0" : before}${after === "" ? "" : `.${after}`}`;
}

/** The text of the value at a path; `null` where there is none. */
function textAt(text: string, path: readonly (string | number)[]): string | null {
  let here: string | null = text.slice(skipSpaces(text, 0));
  for (const step of path) {
    if (here === null) return null;
    here = typeof step === "number" ? elementOf(here, step) : fieldOf(here, step);
  }
  return here === null ? null : here.slice(0, endOfValue(here, 0));
}

function elementOf(list: string, index: number): string | null {
  return isListAt(list, 0) ? (sliceElements(list, 0).texts[index] ?? null) : null;
}

/** Of two fields with one name the last counts, as for `JSON.parse`. */
function fieldOf(object: string, name: string): string | null {
  if (!isObjectAt(object, 0)) return null;
  let found: string | null = null;
  walkFields(object, 0, (field, start) => {
    const end = endOfValue(object, start);
    if (field === name) found = object.slice(start, end);
    return end;
  });
  return found;
}
