/** An id as a row has it: of 64 bits, a `number` where that is exact and else a `bigint`. */
export type EntityId = number | bigint;

/**
 * Orders ids as numbers. As text they are digits without leading zeros: the longer one is the greater.
 */
export function compareIds(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
