import { StorageError, TitanSyncError } from "@titan-sync/core";
import { DataRefusedError } from "@titan-sync/core/support";

/** An error of `node:sqlite`. Its message may quote a value: only names in it are used. */
interface SqliteFailure {
  readonly code: "ERR_SQLITE_ERROR";
  /** SQLite's extended result code. */
  readonly errcode: number;
  readonly message: string;
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR" && "errcode" in error;
}

/** The low byte identifies the error; the rest adds details. */
const primaryCode = (error: SqliteFailure): number => error.errcode & 0xff;

const busy = 5;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const tooBig = 18;
const constraint = 19;
const mismatch = 20;
const notADatabase = 26;

/** Somebody else has the file at the moment: the same again may succeed at once. */
export class BusyError extends StorageError {}

/** Of the extended codes of a constraint. */
const refusals: Readonly<Record<number, string>> = {
  275: "a check constraint failed",
  787: "a row that it refers to is missing",
  1299: "a column must not be null",
  1555: "a row with this key already exists",
  1811: "a trigger refused it",
  2067: "a row with this key already exists",
  2579: "a row with this key already exists",
  3091: "a value does not fit its column",
};

function reasonOf(error: SqliteFailure): string | null {
  switch (primaryCode(error)) {
    case constraint:
      return `${refusals[error.errcode] ?? "the database refused the data"} (${placeOf(error)})`;
    case tooBig:
      return `a text is too long (SQLite code ${error.errcode})`;
    case mismatch:
      return `a value does not fit its column (SQLite code ${error.errcode})`;
    default:
      return null;
  }
}

/** The columns that SQLite names, recognized by a form that only column names have. */
function placeOf({ errcode, message }: SqliteFailure): string {
  const [, columns] =
    /^(?:NOT NULL|UNIQUE) constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)$/.exec(message) ??
    /^cannot store \w+ value in \w+ column (\w+\.\w+)$/.exec(message) ??
    [];
  return columns === undefined ? `SQLite code ${errcode}` : `SQLite code ${errcode}, ${columns}`;
}

interface Explanation {
  readonly text: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

const outOfDate: Explanation = {
  text: "The database refused a statement",
  hint: "Bring the database up to date: `titan-sync migrate up`, or `migrate({ path })`.",
};

function explain(error: SqliteFailure): Explanation {
  switch (primaryCode(error)) {
    case busy:
      return {
        text: "The database was busy for too long",
        hint: "Another process is writing to it. Find out whether one has stopped in the middle of its work.",
        retryable: true,
      };
    case full:
      return {
        text: "The disk is full, or the database has reached its largest size",
        hint: "Make room and repeat. What was stored before is unharmed.",
        retryable: true,
      };
    case ioError:
      return {
        text: "The disk failed, or has no room left",
        hint: "Look into the disk and its free space, and repeat.",
        retryable: true,
      };
    case readOnly:
      return {
        text: "The database may only be read",
        hint: "Give this user the right to write to the file and its directory.",
      };
    case cannotOpen:
      return {
        text: "The database cannot be opened",
        hint: "Give this user the right to read and write the file and its directory.",
      };
    case corrupt:
    case notADatabase:
      return {
        text: "The database file is damaged",
        hint: "Stop all processes that use it, keep the file aside, and restore the last backup.",
      };
    default:
      return /no such (?:table|column)|has no column/.test(error.message)
        ? outOfDate
        : { text: "The database refused a statement" };
  }
}

/** What `node:sqlite` threw, as this library's error. Errors of this library pass as they are. */
export function toStorageError(error: unknown): TitanSyncError {
  if (TitanSyncError.is(error)) return error;
  if (!isSqliteFailure(error)) {
    return new StorageError("A statement was given values that do not fit its parameters.", { cause: error });
  }
  const reason = reasonOf(error);
  if (reason !== null) {
    return new DataRefusedError(`The database refused a statement (${placeOf(error)}).`, reason, error);
  }
  const { text, hint, retryable = false } = explain(error);
  const Kind = primaryCode(error) === busy ? BusyError : StorageError;
  return new Kind(`${text} (SQLite code ${error.errcode}).`, { cause: error, retryable, hint });
}
