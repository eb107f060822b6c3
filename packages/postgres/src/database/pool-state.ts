import type { PgPoolLike } from "./pool.js";

/** A smaller pool has none to spare: it serves one or two runs, and what else runs between their statements. */
const smallestPool = 3;

/** Whether one connection may be kept aside for good. Of a pool that does not tell its size, none is. */
export function hasSpareConnection(pool: PgPoolLike): boolean {
  const { options } = pool as { readonly options?: { readonly max?: unknown } | undefined };
  return typeof options?.max === "number" && options.max >= smallestPool;
}

/** A pool that is being ended waits for every connection without any notification: whoever keeps one has to look. */
export function isEnding(pool: PgPoolLike): boolean {
  return (pool as { readonly ending?: unknown }).ending === true;
}
