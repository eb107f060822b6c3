/**
 * A copy of a text. One that was sliced out of another, as rows are out of pages, keeps the whole of that other
 * one in memory for as long as it lives.
 */
export function ownText(text: string): string {
  return structuredClone(text);
}
