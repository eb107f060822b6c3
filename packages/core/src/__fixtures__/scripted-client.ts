import type { ApiAnswer, ApiClient } from "../http/api-client.js";

export interface SentRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A client that answers from a script, one entry a request; an error in the script is thrown. */
export function createScriptedClient(
  script: readonly (unknown | Error)[],
  serverTime: number | null = Date.UTC(2026, 0, 1),
): ApiClient & { readonly sent: readonly SentRequest[] } {
  const sent: SentRequest[] = [];
  const left = [...script];
  return {
    sent,
    async get(path, query): Promise<ApiAnswer> {
      sent.push({ path, query });
      if (left.length === 0) throw new Error(`The script has no answer for request ${sent.length}.`);
      const body = left.shift();
      if (body instanceof Error) throw body;
      return { body, serverTime, bytes: 0 };
    },
    figures: () => ({ requests: sent.length, throttled: 0, retries: 0 }),
  };
}
