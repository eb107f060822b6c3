import { StorageError } from "@titan-sync/core";

/** In no JSON text: inside a string it would have to be escaped, and outside it is no white space. Nor in a hash. */
const separator = "\u001f";

/**
 * JSON texts, or others without control characters, as one parameter, for {@link splitTexts}. An array parameter costs far more where texts are long:
 * drivers escape every quote of every text, and the server undoes that character by character.
 *
 * @throws `StorageError` when a text cannot be told from two.
 */
export function joinTexts(texts: readonly (string | null)[]): string {
  if (texts.some((text) => text?.includes(separator))) {
    throw new StorageError("A text holds the character U+001F, which no JSON text does.");
  }
  return texts.map((text) => text ?? "").join(separator);
}

/** SQL for the array that a parameter of {@link joinTexts} holds; empty texts come as null. */
export function splitTexts(parameter: string): string {
  return `string_to_array(${parameter}::text, chr(31), '')`;
}
