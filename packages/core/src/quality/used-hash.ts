import { hash } from "node:crypto";
import { endOfValue, isObjectAt, skipSpaces, walkFields } from "../json/scan.js";
import type { ShownFields } from "../records/shown-fields.js";

/** Never occurs unescaped in JSON text: it separates names and values. */
const separator = "\u0000";

/**
 * A hash of what records may show of a row, taken from its own text. Equal hashes mean that the same fields were asked
 * for, and that each is the same to the byte; a company that uses other fields has other hashes.
 *
 * @param contentHash - Of the whole row, for where any field may be used.
 */
export function usedHashOf(text: string, used: ShownFields, contentHash: string): string {
  if (used === null) return contentHash;
  const values = new Map<string, string>();
  const start = skipSpaces(text, 0);
  if (isObjectAt(text, start)) {
    walkFields(text, start, (name, valueStart) => {
      const end = endOfValue(text, valueStart);
      // If a name occurs twice, the last one counts, as for `JSON.parse`.
      if (used.includes(name)) values.set(name, text.slice(valueStart, end));
      return end;
    });
  }
  const parts = used.map((name) => `${name}${separator}${values.get(name) ?? ""}`);
  return hash("sha256", parts.join(separator), "base64").slice(0, 22);
}
