/** A statement whose parameters have no numbers. */
export interface PlainStatement {
  readonly text: string;
  /** For each parameter, which of the values it takes. */
  readonly order: readonly number[];
}

/** Quoted texts, names and comments, in which a question mark is not a parameter; or a parameter. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)/g;

/**
 * Takes the numbers from a statement's parameters: Node 22.16 binds values to parameters without numbers only.
 * One without a number stands for the value behind the highest one before it, as in SQLite.
 */
export function withoutNumbers(numbered: string): PlainStatement {
  const order: number[] = [];
  let highest = 0;
  const text = numbered.replace(tokens, (token, digits: string | undefined) => {
    if (digits === undefined) return token;
    const number = digits === "" ? highest + 1 : Number(digits);
    highest = Math.max(highest, number);
    order.push(number - 1);
    return "?";
  });
  return { text, order };
}
