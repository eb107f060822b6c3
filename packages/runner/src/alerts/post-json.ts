import { NetworkError } from "@titan-sync/core";

export interface PostParams {
  /** A secret: it is in no message. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
}

/** @throws {@link NetworkError} unless the answer has a status of success. */
export async function postJson({ url, headers = {}, body, signal, fetch }: PostParams): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
      signal,
      redirect: "error",
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new NetworkError("The receiver of alerts does not answer.", { cause: error });
  }
  await response.body?.cancel();
  if (response.ok) return;
  throw new NetworkError(`The receiver of alerts answered with status ${response.status}.`);
}
