import { StorageError } from "@titan-sync/core";

/** The database did not answer in time: the other side may be gone without a word. */
export class DatabaseSilentError extends StorageError {
  constructor(timeoutMs: number) {
    super(`The database did not answer within ${timeoutMs} ms.`, { retryable: true });
  }
}

/** @throws {@link DatabaseSilentError} when the answer takes longer. */
export async function inTime<Answer>(answer: Promise<Answer>, timeoutMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseSilentError(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
