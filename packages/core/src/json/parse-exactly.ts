/** A number of 16 digits or more, or text that looks like one: from that length on, a `number` may round. */
const mayRound = /[:,[]\s*-?\d{16}/;
/** The longest number that can be meant as an id; longer ones are not ids, and take time to read. */
const wholeNumber = /^-?\d{16,40}$/;

/** A number whose fraction would be lost by rounding, which would turn one id into another. */
const nameOfId = /^id$|Id$/;
const withFraction = /^-?\d+\.\d*[1-9]\d*$/;

/** What a reviver receives besides name and value. */
interface Source {
  readonly source?: string;
}

/**
 * Parses JSON so that whole numbers stay exact: a `number` where it holds the value, else a `bigint`. An id that is no
 * whole number but would be rounded to one stays text, which is nobody's id. All else is as `JSON.parse` gives it.
 *
 * @throws SyntaxError for what is no JSON.
 */
export function parseExactly(text: string): unknown {
  return mayRound.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
}

function keepExact(name: string, value: unknown, context?: Source): unknown {
  if (typeof value !== "number") return value;
  const source = context?.source ?? "";
  if (Number.isSafeInteger(value)) return nameOfId.test(name) && withFraction.test(source) ? source : value;
  return wholeNumber.test(source) ? BigInt(source) : value;
}
