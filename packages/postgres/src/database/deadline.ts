import { StorageError, systemClock } from "@titan-sync/core";
import { inTime } from "@titan-sync/core/support";

/** The database did not respond in time: the other side may have disappeared. */
export class DatabaseSilentError extends StorageError {
  constructor(timeoutMs: number) {
    super(`The database did not respond within ${timeoutMs} ms.`, { retryable: true });
  }
}

/** @throws `DatabaseSilentError` when the answer takes longer. */
export function answerInTime<Answer>(answer: Promise<Answer>, timeoutMs: number): Promise<Answer> {
  const late = () => new DatabaseSilentError(timeoutMs);
  return inTime(() => answer, { clock: systemClock, ms: timeoutMs, late });
}
