import type { Random } from "../random.js";

/** Provides ascending ids with gaps, as a tenant's ids have. */
export function idSequence(random: Random, start: number): () => number {
  let last = start + random.integer(0, 500);
  return () => {
    last += random.integer(1, 9);
    return last;
  };
}
