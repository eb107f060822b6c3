import { type ErrorCode, TitanSyncError } from "@titan-sync/core";

/** The code of an error of the SDK; `null` of any other. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return TitanSyncError.is(error) ? error.code : null;
}

/** What the operating system calls its error, such as `ENOENT`; `null` of any other. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return /^E[A-Z]+$/.test(error.code) ? error.code : null;
}
