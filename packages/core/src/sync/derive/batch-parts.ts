import type { JoinSizes } from "./join-sizes.js";

/** Keys that are loaded and delivered together. */
export interface BatchPart<Key> {
  readonly keys: readonly Key[];
  /** The bytes that they use while in progress. */
  readonly bytes: number;
}

/** For a record beside the rows that it comes from: as an object, as text, and with what it is settled by. */
export const bytesOfRecord = 2048;

/**
 * Splits claimed keys, in order, into as few parts as possible of at most the given bytes. A key that alone needs more
 * becomes its own part. Rows that several keys of a part share count once.
 */
export function splitKeys<Key extends { readonly id: string }>(
  keys: readonly Key[],
  sizes: JoinSizes,
  maxBytes: number,
): readonly BatchPart<Key>[] {
  const parts: BatchPart<Key>[] = [];
  let part: Key[] = [];
  let bytes = 0;
  let counted = new Set<string>();
  for (const key of keys) {
    const rows = sizes.get(key.id) ?? [];
    const weigh = (): number =>
      rows.reduce((sum, row) => (counted.has(row.name) ? sum : sum + row.bytes), bytesOfRecord);
    if (part.length > 0 && bytes + weigh() > maxBytes) {
      parts.push({ keys: part, bytes });
      part = [];
      bytes = 0;
      counted = new Set();
    }
    bytes += weigh();
    part.push(key);
    for (const row of rows) counted.add(row.name);
  }
  if (part.length > 0) parts.push({ keys: part, bytes });
  return parts;
}
