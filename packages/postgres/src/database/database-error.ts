import { StorageError, TitanSyncError } from "@titan-sync/core";
import { DataRefusedError } from "@titan-sync/core/support";

/** The common fields of drivers' errors. Messages and details may quote rows: they are never used. */
interface DriverError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
}

/** The SQLSTATE, or the system's code such as `ECONNRESET`; `null` when there is none. */
function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  const { code } = error as DriverError;
  return typeof code === "string" ? code : null;
}

/**
 * Whether a serialization failure or a deadlock is at the bottom of this: the same transaction, repeated, may
 * succeed at once.
 */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "40001" || code === "40P01") return true;
  return error instanceof Error && isRetryable(error.cause);
}

const passingStates = new Set([
  "25P03", // idle in transaction for too long
  "40001", // serialization failure
  "40P01", // deadlock
  "53300", // too many connections
  "55P03", // lock not available
  "57014", // query canceled
  "57P01", // shutting down
  "57P02", // crashed
  "57P03", // starting up
  "57P05", // idle for too long
]);

/** Whether the same call may succeed later: the connection failed, or the server was busy or restarting. */
function isTransient(error: unknown, code: string | null): boolean {
  // Drivers report a broken connection as a plain error without a code; a bug in a program has another class.
  if (code === null) return error instanceof Error && error.constructor === Error;
  return passingStates.has(code) || code.startsWith("08") || /^E[A-Z]+$/.test(code);
}

/** Names the place, never a value: PostgreSQL's messages quote rows. */
function placeOf(error: unknown): string {
  const { constraint, table } = (error ?? {}) as DriverError;
  const parts = [
    codeOf(error),
    typeof table === "string" ? `table ${table}` : null,
    typeof constraint === "string" ? `constraint ${constraint}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** Of class 22 and 23. */
const refusals: Readonly<Record<string, string>> = {
  "22001": "a text is too long",
  "22003": "a number is out of range",
  "22007": "a text is not a date",
  "22008": "a date is out of range",
  "22021": "a text contains a character that the database cannot store",
  "22P02": "a text does not fit its column",
  "22P05": "a text contains a character that the database cannot store",
  "23502": "a column must not be null",
  "23503": "a row that it refers to is missing",
  "23505": "a row with this key already exists",
  "23514": "a check constraint failed",
  "23P01": "an exclusion constraint failed",
};

/** Why the database refused data; `null` when something else is wrong. */
function reasonOf(error: unknown, code: string | null): string | null {
  if (code === null || !/^2[23]/.test(code)) return null;
  const { table, column, constraint } = (error ?? {}) as DriverError;
  const places = [
    code,
    typeof table === "string" ? `table ${table}` : null,
    typeof column === "string" ? `column ${column}` : null,
    typeof constraint === "string" ? `constraint ${constraint}` : null,
  ].filter((place) => place !== null);
  return `${refusals[code] ?? "the database refused the data"} (${places.join(", ")})`;
}

const missingSchema = new Set(["3F000", "42P01", "42703", "42704"]);

/** What a driver threw, as this library's error. Errors of this library pass as they are. */
export function toStorageError(error: unknown): TitanSyncError {
  if (TitanSyncError.is(error)) return error;
  const code = codeOf(error);
  const reason = reasonOf(error, code);
  if (reason !== null) {
    return new DataRefusedError(`The database refused a statement${placeOf(error)}.`, reason, error);
  }
  const retryable = isTransient(error, code);
  const text = retryable
    ? "The database could not be reached or was busy"
    : "The database refused a statement";
  const hint = missingSchema.has(code ?? "")
    ? "Migrate the database: `titan-sync migrate up`, or `migrate({ pool })`."
    : undefined;
  return new StorageError(`${text}${placeOf(error)}.`, { cause: error, retryable, hint });
}
