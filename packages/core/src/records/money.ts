import { plainDecimal } from "../json/exact-numbers.js";
import { cleanText } from "./clean-text.js";

/** An amount as it was read. */
export type Amount =
  | { readonly kind: "decimal"; readonly text: string; readonly negative: boolean }
  | { readonly kind: "missing" }
  | { readonly kind: "not-numeric" };

/** An optional minus or dollar sign, never both; thousands separators everywhere or nowhere. */
const decimal = /^(-?)\$?(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?$/;

/**
 * Reads an amount of money as an exact decimal, digit by digit: `$1,234.50` is `1234.50`. The scale given is
 * kept. Neither accounting brackets nor exponents are numbers in a text, and nor is `-$5`. A JSON number is one
 * however it is written; its digits are those of its row's text, which {@link exactNumber} gives.
 */
export function readAmount(value: unknown): Amount {
  if (value === null || value === undefined) return { kind: "missing" };
  if (typeof value !== "string" && typeof value !== "number") return { kind: "not-numeric" };
  const text = cleanText(typeof value === "number" ? plainDecimal(String(value)) : value);
  if (text === null) return { kind: "missing" };
  const match = decimal.exec(text);
  if (match === null || text.startsWith("-$")) return { kind: "not-numeric" };
  const [, sign = "", whole = "", fraction = ""] = match;
  const digits = `${whole.replaceAll(",", "").replace(/^0+(?=\d)/, "")}${fraction}`;
  // A credit of zero is zero.
  const negative = sign === "-" && /[1-9]/.test(digits);
  return { kind: "decimal", text: negative ? `-${digits}` : digits, negative };
}
