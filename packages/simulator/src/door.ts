import type { Answer, Call, Outcome } from "./api/exchange.js";

/** Wraps the standard request, for callers without a socket. */
export function callOf(request: Request): Call {
  return {
    method: request.method,
    url: new URL(request.url),
    header: (name) => request.headers.get(name),
    text: () => request.text(),
    signal: request.signal,
  };
}

/**
 * The standard response to an outcome. A reset rejects as `fetch` does, a cut body fails while it is read, a
 * hang lasts until the request is aborted.
 */
export function responseOf(outcome: Outcome, signal: AbortSignal): Promise<Response> {
  switch (outcome.kind) {
    case "answer":
      return Promise.resolve(whole(outcome));
    case "cut":
      return Promise.resolve(cutShort(outcome.answer, outcome.share));
    case "reset":
      return Promise.reject(new TypeError("fetch failed", { cause: connectionReset() }));
    case "hang":
      return untilAborted(signal);
  }
}

function whole({ status, headers, body }: Answer): Response {
  const hasNoBody = status === 204 || status === 304;
  return new Response(hasNoBody ? null : body, { status, headers });
}

function cutShort({ status, headers, body }: Answer, share: number): Response {
  const sent = body.subarray(0, Math.floor(body.length * share));
  let isSent = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isSent) {
        controller.error(new TypeError("terminated", { cause: connectionReset() }));
        return;
      }
      isSent = true;
      controller.enqueue(sent);
    },
  });
  return new Response(stream, { status, headers: { ...headers, "content-length": String(body.length) } });
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function connectionReset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}
