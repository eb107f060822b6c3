import { createHash } from "node:crypto";

const bytes = 6;

/** A number from 0 up to, not including, 1, drawn from texts: the same in every process and on every machine. */
export function stableFraction(...texts: readonly string[]): number {
  const hash = createHash("sha256").update(JSON.stringify(texts)).digest();
  return hash.readUIntBE(0, bytes) / 2 ** (8 * bytes);
}
