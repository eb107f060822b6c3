import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** With query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface AnswerContent {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

/** An answer, or a function that makes the connection do something else. */
export type ScriptedAnswer = AnswerContent | ((request: SeenRequest, response: ServerResponse) => void);

/** A host, and what was asked of it. */
export interface SeenRequests {
  /** Without trailing slash. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/**
 * Real HTTP for one test, where it is about the sockets: answers requests in order, or by a function of the request. A request without an
 * answer left gets 599, which no test expects.
 */
export async function startLoopbackServer(
  answers: readonly ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer),
): Promise<SeenRequests> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
        const answer = typeof answers === "function" ? answers(seen) : answers[requests.length];
        requests.push(seen);
        send(response, seen, answer ?? { status: 599 });
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, request: SeenRequest, answer: ScriptedAnswer): void {
  if (typeof answer === "function") {
    answer(request, response);
    return;
  }
  const { status = 200, headers = {}, body = "" } = answer;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/html" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(text);
}
