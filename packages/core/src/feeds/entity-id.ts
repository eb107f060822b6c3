/** An id as a row has it: of 64 bits, a `number` where that is exact and else a `bigint`. */
export type EntityId = number | bigint;

/** The largest id that there can be. */
export const largestId = 2n ** 63n - 1n;

/** Whether a text can be an id of a landed entity: digits, within 64 bits. */
export function isEntityId(id: string): boolean {
  return /^\d{1,19}$/.test(id) && (id.length < 19 || BigInt(id) <= largestId);
}

/** An id as text; `null` where there is none, for which the API also writes 0. */
export function idText(id: EntityId | null | undefined): string | null {
  return id === null || id === undefined || id <= 0 ? null : String(id);
}

/**
 * Orders ids as numbers. As text they are digits without leading zeros: the longer one is the greater.
 */
export function compareIds(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
