import { StorageError, TitanSyncError } from "@titan-sync/core";

/** What the drivers' errors have in common. Messages and details may quote rows: they are never read out. */
interface DriverError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
}

/** The SQLSTATE, or the system's code such as `ECONNRESET`; `null` when there is none. */
function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  const { code } = error as DriverError;
  return typeof code === "string" ? code : null;
}

/**
 * Whether a serialisation failure or a deadlock is at the bottom of this: the same transaction, repeated, may
 * succeed at once.
 */
export function isWorthRepeating(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "40001" || code === "40P01") return true;
  return error instanceof Error && isWorthRepeating(error.cause);
}

const passingStates = new Set([
  "25P03", // idle in transaction for too long
  "40001", // serialisation failure
  "40P01", // deadlock
  "53300", // too many connections
  "55P03", // lock not available
  "57014", // query cancelled
  "57P01", // shutting down
  "57P02", // crashed
  "57P03", // starting up
  "57P05", // idle for too long
]);

/** Whether the same call may succeed later: the connection failed, or the server was busy or restarting. */
function isPassing(error: unknown, code: string | null): boolean {
  // Drivers report a cut connection as a plain error without a code; a mistake in a program is of another kind.
  if (code === null) return error instanceof Error && error.constructor === Error;
  return passingStates.has(code) || code.startsWith("08") || /^E[A-Z]+$/.test(code);
}

/** Names the place, never a value: texts of PostgreSQL quote the rows they are about. */
function placeOf(error: unknown): string {
  const { constraint, table } = (error ?? {}) as DriverError;
  const parts = [
    codeOf(error),
    typeof table === "string" ? `table ${table}` : null,
    typeof constraint === "string" ? `constraint ${constraint}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

const missingSchema = new Set(["3F000", "42P01", "42703", "42704"]);

/** What a driver threw, as this library's error. Errors of this library pass as they are. */
export function toStorageError(error: unknown): TitanSyncError {
  if (TitanSyncError.is(error)) return error;
  const code = codeOf(error);
  const retryable = isPassing(error, code);
  const text = retryable
    ? "The database could not be reached or was busy"
    : "The database refused a statement";
  const hint = missingSchema.has(code ?? "")
    ? "Bring the database up to date: `titan-sync migrate up`, or `migrate({ pool })`."
    : undefined;
  return new StorageError(`${text}${placeOf(error)}.`, { cause: error, retryable, hint });
}
