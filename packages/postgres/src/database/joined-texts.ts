import { StorageError } from "@titan-sync/core";

/** In no JSON text: inside a string it would have to be escaped, and outside it is no white space. */
const separator = "\u001f";

/**
 * JSON texts as one parameter, for {@link splitTexts}. An array parameter costs far more where texts are long:
 * drivers escape every quote of every text, and the server undoes that character by character.
 *
 * @throws `StorageError` when a text is not JSON and cannot be told from two.
 */
export function joinTexts(texts: readonly (string | null)[]): string {
  if (texts.some((text) => text?.includes(separator))) {
    throw new StorageError("A text that should be JSON holds the character U+001F.");
  }
  return texts.map((text) => text ?? "").join(separator);
}

/** SQL for the array that a parameter of {@link joinTexts} holds; empty texts come as null. */
export function splitTexts(parameter: string): string {
  return `string_to_array(${parameter}::text, chr(31), '')`;
}
