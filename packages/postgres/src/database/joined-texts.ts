import { StorageError } from "@titan-sync/core";

/**
 * Occurs in no JSON text, because inside a string it must be escaped and outside it is not whitespace. Nor
 * in a hash.
 */
const separator = 0x1f;

/**
 * JSON texts, or others without control characters, as one parameter, for {@link splitTexts}. An array parameter costs
 * far more where texts are long: drivers escape every quote of every text, and the server undoes that character by
 * character. In bytes, because one text with a character beyond Latin-1 would double the room of all joined ones.
 *
 * @throws `StorageError` when a text cannot be distinguished from two.
 */
export function joinTexts(texts: readonly (string | null)[]): Buffer {
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? "") + 1, 0);
  const joined = Buffer.allocUnsafe(size);
  let end = 0;
  for (const text of texts) {
    const start = end;
    end += joined.write(text ?? "", start);
    joined[end] = separator;
    if (joined.indexOf(separator, start) !== end) {
      throw new StorageError("A text holds the character U+001F, which no JSON text does.");
    }
    end += 1;
  }
  return joined.subarray(0, Math.max(0, end - 1));
}

/** SQL for the array that a parameter of {@link joinTexts} holds; empty texts come as null. */
export function splitTexts(parameter: string): string {
  return `string_to_array(${parameter}::text, chr(31), '')`;
}
