import { type ReceivedRows, type RowSpan, receiveRows } from "./received-rows.js";

/** JSON of which one list was parsed row by row. */
export interface ParsedWithRows extends ReceivedRows {
  /** All of it; the list is empty in it. */
  readonly body: unknown;
}

/**
 * Parses an object of which one field holds a list of rows, which may be large. The text of the whole is never made: the
 * rows are parsed one after the other. Where the name comes twice, the last one counts, as for `JSON.parse`.
 *
 * @param bytes - Valid UTF-8. The rows own them: releasing the rows frees them.
 * @throws SyntaxError for what `JSON.parse` does not accept.
 */
export function parseWithRows(bytes: Buffer, name: string): ParsedWithRows {
  const list = findList(bytes, name);
  const received = receiveRows(bytes, list?.elements ?? []);
  // What surrounds the elements decides whether all of it is JSON.
  const text =
    list === null
      ? bytes.toString()
      : `${bytes.toString("utf8", 0, list.start)}[]${bytes.toString("utf8", list.end)}`;
  return { body: JSON.parse(text) as unknown, ...received };
}

interface ListSpan extends RowSpan {
  readonly elements: readonly RowSpan[];
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the list is; `null` when there is none, or the JSON is invalid anyway. */
function findList(bytes: Buffer, name: string): ListSpan | null {
  let found: ListSpan | null = null;
  let at = skipSpaces(bytes, 0);
  if (bytes[at] !== openBrace) return null;
  do {
    const nameStart = skipSpaces(bytes, at + 1);
    if (bytes[nameStart] !== quote) break;
    const nameEnd = endOfString(bytes, nameStart);
    const valueStart = skipSpaces(bytes, skipSpaces(bytes, nameEnd) + 1);
    const isNamed = nameOf(bytes, nameStart, nameEnd) === name;
    const list = isNamed && bytes[valueStart] === openBracket ? listAt(bytes, valueStart) : null;
    if (isNamed) found = list;
    at = skipSpaces(bytes, list?.end ?? endOfValue(bytes, valueStart));
  } while (bytes[at] === comma);
  return found;
}

/** `null` for an invalid name. */
function nameOf(bytes: Buffer, start: number, end: number): string | null {
  try {
    return JSON.parse(bytes.toString("utf8", start, end)) as string;
  } catch {
    return null;
  }
}

/** `null` when its elements are not divided as in JSON. */
function listAt(bytes: Uint8Array, start: number): ListSpan | null {
  const elements: RowSpan[] = [];
  let at = skipSpaces(bytes, start + 1);
  if (bytes[at] === closeBracket) return { start, end: at + 1, elements };
  for (;;) {
    const end = endOfValue(bytes, at);
    elements.push({ start: at, end });
    at = skipSpaces(bytes, end);
    if (bytes[at] === closeBracket) return { start, end: at + 1, elements };
    if (bytes[at] !== comma) return null;
    at = skipSpaces(bytes, at + 1);
  }
}

function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endOfValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start);
  return first === openBrace || first === openBracket ? endOfGroup(bytes, start) : endOfWord(bytes, start);
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  return bytes.length;
}

function endOfGroup(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at) - 1;
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
        if (depth === 0) return at + 1;
    }
  }
  return bytes.length;
}

/** Of a number, `true`, `false` or `null`. */
function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && !endsWord(bytes[at])) at += 1;
  return at;
}

function endsWord(byte: number | undefined): boolean {
  return byte === comma || byte === closeBracket || byte === closeBrace || isSpace(byte);
}
