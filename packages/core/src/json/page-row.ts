import { parseExactly } from "./parse-exactly.js";

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
