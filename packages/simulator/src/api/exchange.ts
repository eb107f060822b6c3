/** A request as the simulator sees it, whichever adapter it came through. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  /** `null` when absent; names in any case. */
  header(name: string): string | null;
  text(): Promise<string>;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
}

/** A complete answer. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What becomes of a request: an answer, or one of the ways in which there is none. */
export type Outcome =
  | Answer
  /** The length of the whole body is announced, the connection ends before it is sent. */
  | { readonly kind: "cut"; readonly answer: Answer; readonly share: number }
  /** The connection is reset without an answer. */
  | { readonly kind: "reset" }
  /** Nothing is ever sent. */
  | { readonly kind: "hang" };

export function jsonAnswer(
  status: number,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return answer(status, body, { "content-type": "application/json; charset=utf-8", ...headers });
}

/** A page of the servers in front of the API, which is no JSON. */
export function htmlAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>`;
  return answer(status, body, { "content-type": "text/html", ...headers });
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return answer(status, "", headers);
}

function answer(
  status: number,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Answer {
  return {
    kind: "answer",
    status,
    headers,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
}
