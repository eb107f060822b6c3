import { type ErrorCode, TitanSyncError } from "@titan-sync/core";

/** The code of an error of the SDK; `null` of any other. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return TitanSyncError.is(error) ? error.code : null;
}
