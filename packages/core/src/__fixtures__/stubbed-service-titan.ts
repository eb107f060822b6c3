import { HttpResponse, http, type RequestHandler } from "msw";
import { setupServer } from "msw/node";
import { onTestFinished } from "vitest";
import type { AnswerContent, SeenRequest, SeenRequests } from "./loopback-server.js";

const server = setupServer();
let isListening = false;
let stubs = 0;

/** Has the global `fetch` answered by msw until the test ends. A request that no handler knows fails. */
export function stubServiceTitan(...handlers: readonly RequestHandler[]): void {
  if (!isListening) {
    isListening = true;
    server.listen({ onUnhandledFrame: "error" });
    onTestFinished(() => {
      server.close();
      server.resetHandlers();
      isListening = false;
    });
  }
  server.use(...handlers);
}

/** ServiceTitan's hosts where tests do not name others: tokens are issued, and what else is asked is the test's. */
export function stubApi(answer: (path: string) => Response): void {
  stubServiceTitan(
    http.post("https://auth.servicetitan.io/connect/token", () =>
      HttpResponse.json({ access_token: "t", expires_in: 900, token_type: "Bearer" }),
    ),
    http.get("https://api.servicetitan.io/*", ({ request }) => answer(new URL(request.url).pathname)),
  );
}

/**
 * A host of its own that answers requests in order, or by a function of the request. A request without an answer left
 * gets 599, which no test expects. What goes wrong on a socket needs a loopback server.
 */
export function stubAnswers(
  answers: readonly AnswerContent[] | ((request: SeenRequest) => AnswerContent),
): SeenRequests {
  stubs += 1;
  const url = `https://servicetitan-${stubs}.test`;
  const requests: SeenRequest[] = [];
  stubServiceTitan(
    http.all(`${url}/*`, async ({ request }) => {
      const seen: SeenRequest = {
        method: request.method,
        url: request.url.slice(url.length),
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      };
      const answer = typeof answers === "function" ? answers(seen) : answers[requests.length];
      requests.push(seen);
      const { status = 200, headers = {}, body = "" } = answer ?? { status: 599 };
      const isText = typeof body === "string";
      const type = isText ? "text/html" : "application/json";
      return new HttpResponse(isText ? body : JSON.stringify(body), {
        status,
        headers: { "content-type": type, ...headers },
      });
    }),
  );
  return { url, requests };
}
