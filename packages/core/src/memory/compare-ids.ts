/**
 * Orders ids as numbers. Ids are digits up to 64 bits, too large for a `number`: without leading zeros, the
 * longer one is the greater.
 */
export function compareIds(left: string, right: string): number {
  return left.length - right.length || compareText(left, right);
}

/** Orders by code unit, the same on every machine. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
