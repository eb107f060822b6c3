import { RecordRefusedError, StorageError } from "../errors.js";

/** The database refused what a statement was to write, and would refuse it again. */
export class DataRefusedError extends StorageError {
  /** Names the constraint and its place, never a value. */
  readonly reason: string;

  constructor(message: string, reason: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** As a sink says it that the data is at fault; everything else passes as it is. */
export function asRefusal(error: unknown): unknown {
  return error instanceof DataRefusedError ? new RecordRefusedError(error.reason, { cause: error }) : error;
}
