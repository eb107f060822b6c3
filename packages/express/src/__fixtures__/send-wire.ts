import { request as httpRequest } from "node:http";
import type { WireRequest } from "./arbitrary-request.js";

export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Empty for an event stream, which does not end on its own. */
  readonly text: string;
}

/** Sends a request exactly as given: unlike `fetch`, which puts paths and headers right. */
export function sendWire(baseUrl: string, sent: WireRequest, timeoutMs: number): Promise<WireAnswer> {
  const { hostname, port, pathname } = new URL(baseUrl);
  const path = `${pathname === "/" ? "" : pathname}${sent.path}`;
  return new Promise((resolve, reject) => {
    const { method } = sent;
    // Without it a GET's body would be read as the next request.
    const length = sent.body === null ? {} : { "content-length": Buffer.byteLength(sent.body) };
    const headers = { ...sent.headers, ...length };
    const request = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      const contentType = response.headers["content-type"] ?? "";
      const answer = (text: string): void => resolve({ status: response.statusCode ?? 0, contentType, text });
      if (contentType.startsWith("text/event-stream")) {
        answer("");
        request.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => answer(Buffer.concat(chunks).toString("utf8")));
    });
    request.setTimeout(timeoutMs, () =>
      request.destroy(new Error(`No answer within ${timeoutMs} ms: ${JSON.stringify(sent)}`)),
    );
    request.on("error", reject);
    request.end(sent.body ?? undefined);
  });
}
