import { mayRoundIn, parseExactly } from "./parse-exactly.js";
import { endOfValue, isListAt, isObjectAt, skipSpaces, sliceElements, walkFields } from "./scan.js";

/** One row of a page. */
export interface PageRow {
  /** The received text, byte for byte: it lands, is hashed as the content, and is kept by a rejection. */
  readonly text: string;
  /** The parsed text. Integers that a `number` cannot represent exactly are of type `bigint`. */
  readonly value: unknown;
}

/** A row that is known by its text only. */
export function rowOf(text: string): PageRow {
  return { text, value: parseExactly(text) };
}

/**
 * The rows that an answer holds in one of its fields, each with its own part of the answer's text. Where the name
 * comes twice, the last one counts, as for `JSON.parse`.
 *
 * @param text - The whole answer.
 * @param values - The parsed value of that field.
 */
export function rowsIn(text: string, name: string, values: readonly unknown[]): readonly PageRow[] {
  const texts = textsIn(text, name);
  if (texts.length !== values.length) {
    throw new RangeError(`There are ${values.length} rows, but ${texts.length} texts of rows.`);
  }
  return texts.map((own, index) => ({
    text: own,
    value: mayRoundIn(own) ? parseExactly(own) : values[index],
  }));
}

function textsIn(text: string, name: string): readonly string[] {
  const start = skipSpaces(text, 0);
  let found: readonly string[] = [];
  if (!isObjectAt(text, start)) return found;
  walkFields(text, start, (field, valueStart) => {
    if (field !== name) return endOfValue(text, valueStart);
    if (!isListAt(text, valueStart)) {
      found = [];
      return endOfValue(text, valueStart);
    }
    const { texts, end } = sliceElements(text, valueStart);
    found = texts;
    return end;
  });
  return found;
}
