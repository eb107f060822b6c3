/** The range of a SQLite integer. */
const largestId = 2n ** 63n - 1n;

/** Whether a text can be an id of a landed entity: digits, within 64 bits. */
export function isEntityId(id: string): boolean {
  return /^\d{1,19}$/.test(id) && (id.length < 19 || BigInt(id) <= largestId);
}

/**
 * The ids that an entity can have, each once, as one parameter for `json_each`. Others are nobody's. As texts: JSON's
 * numbers have no 64 bits everywhere.
 */
export function entityIdArray(ids: readonly string[]): string {
  return JSON.stringify([...new Set(ids)].filter(isEntityId));
}
