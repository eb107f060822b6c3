import { isEntityId } from "@titan-sync/core/support";

/**
 * The ids that an entity can have, each once, as one parameter for `json_each`. Others are nobody's. As texts: JSON's
 * numbers have no 64 bits everywhere.
 */
export function entityIdArray(ids: readonly string[]): string {
  return JSON.stringify([...new Set(ids)].filter(isEntityId));
}
