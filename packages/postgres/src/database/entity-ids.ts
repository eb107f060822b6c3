import { idArray } from "./id-array.js";

/** What a `bigint` can hold. */
const largestId = 2n ** 63n - 1n;

/** Whether a text can be an id of a landed entity: digits, within 64 bits. */
export function isEntityId(id: string): boolean {
  return /^\d{1,19}$/.test(id) && (id.length < 19 || BigInt(id) <= largestId);
}

/**
 * The ids that an entity can have, as one parameter. Others are nobody's, and the database would not even compare
 * with them.
 */
export function entityIdArray(ids: readonly string[]): string {
  return idArray(ids.filter(isEntityId));
}
