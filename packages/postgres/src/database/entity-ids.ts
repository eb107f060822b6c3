import { isEntityId } from "@titan-sync/core/support";
import { idArray } from "./id-array.js";

/**
 * The ids that an entity can have, as one parameter. Others are nobody's, and the database would not even compare
 * with them.
 */
export function entityIdArray(ids: readonly string[]): string {
  return idArray(ids.filter(isEntityId));
}
