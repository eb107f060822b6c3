// Finds the positions of values in JSON text without parsing them. The text must be valid: callers have parsed it
// before. Values are only sliced, so they stay unchanged.

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** The first character from here on that is no whitespace. */
export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= space) at += 1;
  return at;
}

/** Behind the value that begins here. */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return endOfString(text, start);
  return first === openBrace || first === openBracket ? endOfGroup(text, start) : endOfWord(text, start);
}

/**
 * Walks over the fields of an object, in their order; a name may come more than once.
 *
 * @param start - Of the object's brace.
 * @param pass - Told the name and where its value begins. Returns where the value ends.
 */
export function walkFields(
  text: string,
  start: number,
  pass: (name: string, valueStart: number) => number,
): void {
  let at = skipSpaces(text, start + 1);
  while (text.charCodeAt(at) === quote) {
    const nameEnd = endOfString(text, at);
    const plain = text.slice(at + 1, nameEnd - 1);
    const name = plain.includes("\\") ? (JSON.parse(text.slice(at, nameEnd)) as string) : plain;
    // Only whitespace and a colon stand between them.
    const valueStart = skipSpaces(text, skipSpaces(text, nameEnd) + 1);
    at = nextElement(text, pass(name, valueStart));
  }
}

/**
 * The texts of a list's elements, and where the list ends.
 *
 * @param start - Of the list's bracket.
 */
export function sliceElements(
  text: string,
  start: number,
): { readonly texts: readonly string[]; readonly end: number } {
  const texts: string[] = [];
  let at = skipSpaces(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at);
    texts.push(text.slice(at, end));
    at = nextElement(text, end);
  }
  return { texts, end: at + 1 };
}

/** Whether a list begins here. */
export function isListAt(text: string, start: number): boolean {
  return text.charCodeAt(start) === openBracket;
}

/** Whether an object begins here. */
export function isObjectAt(text: string, start: number): boolean {
  return text.charCodeAt(start) === openBrace;
}

function nextElement(text: string, end: number): number {
  const at = skipSpaces(text, end);
  return text.charCodeAt(at) === comma ? skipSpaces(text, at + 1) : at;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** Whether an odd number of backslashes precedes it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function endOfGroup(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at) - 1;
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
  return text.length;
}

/** Of a number, `true`, `false` or `null`. */
function endOfWord(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character <= space || character === comma || character === closeBracket || character === closeBrace) {
      return at;
    }
  }
  return text.length;
}
