import { StorageError } from "@titan-sync/core";

const idsOrNull = /^(?:(?:\d+|NULL)(?:,(?:\d+|NULL))*)?$/;

/**
 * Whole numbers as one parameter for an array. Given an array, a driver would quote and escape each of them, which
 * for thousands costs more than anything else that is done with them.
 *
 * @throws `StorageError` when one is not a whole number.
 */
export function idArray(ids: readonly (string | number | null)[]): string {
  const elements = ids.map((id) => id ?? "NULL").join(",");
  if (!idsOrNull.test(elements) || (elements === "" && ids.length > 0))
    throw new StorageError("A text that should be an id is not a whole number.");
  return `{${elements}}`;
}
