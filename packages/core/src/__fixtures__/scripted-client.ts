import { TitanSyncError } from "../errors.js";
import type { ApiAnswer, ApiClient } from "../http/api-client.js";
import { parseWithRows } from "../json/parse-with-rows.js";

export interface SentRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The number that a client makes by default. */
const maxAttempts = 6;

/**
 * A client that answers from a script, one entry a request; an error in the script is thrown. An answer that is
 * not accepted is requested again, without waiting.
 */
export function createScriptedClient(
  script: readonly (unknown | Error)[],
  serverTime: number | null = Date.UTC(2026, 0, 1),
): ApiClient & { readonly sent: readonly SentRequest[] } {
  const sent: SentRequest[] = [];
  const left = [...script];
  return {
    sent,
    async get(path, query, { accept }): Promise<ApiAnswer> {
      for (let attempt = 1; ; attempt += 1) {
        sent.push({ path, query });
        if (left.length === 0) throw new Error(`The script has no answer for request ${sent.length}.`);
        const body = left.shift();
        if (body instanceof Error) throw body;
        const content = parseWithRows(Buffer.from(JSON.stringify(body) ?? "null"), "data");
        try {
          accept?.(content);
        } catch (error) {
          if (attempt === maxAttempts || !TitanSyncError.is(error) || !error.retryable) throw error;
          continue;
        }
        return { ...content, serverTime, bytes: 0 };
      }
    },
    figures: () => ({ requests: sent.length, throttled: 0, retries: 0 }),
    onWait: () => undefined,
  };
}
