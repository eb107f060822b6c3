import type { Request, RequestHandler, Response } from "express";
import { accessTable } from "../access/access-table.js";
import { type Principal, readPrincipal } from "../access/principal.js";
import { type EventStreamOptions, streamEvents } from "../events/event-stream.js";
import type { Call, Route } from "../routes/route.js";
import type { Services } from "../routes/services.js";
import { readBody, runMiddleware } from "./body.js";
import { checkRequest } from "./check-request.js";
import { errorCodeOf } from "./error-code.js";
import { findSubject, type SubjectRequest } from "./find-subject.js";
import { ProblemError } from "./problem.js";
import type { RateLimits } from "./rate-limits.js";
import { requireJson, requireSameOrigin } from "./same-origin.js";
import { sendAnswer, sendProblem } from "./send.js";
import { toProblem } from "./to-problem.js";

/** Tells who makes a request; `null` when nobody is signed in. */
export type Authenticate = (request: Request) => Principal | null | Promise<Principal | null>;

export interface ServeOptions {
  readonly services: Services;
  /** `null` until the host has defined how: until then every request is refused. */
  readonly authenticate: Authenticate | null;
  readonly limits: RateLimits;
  readonly trustedOrigins: readonly string[];
  readonly basePath: string | null;
  readonly events: EventStreamOptions;
  /** Remembers whose request it is, for the rate limits. */
  readonly principals: WeakMap<Request, Principal>;
}

/** The way of a request through one route. Each step refuses or passes on; nothing is answered before all have passed. */
export function serveRoute(route: Route, options: ServeOptions): RequestHandler {
  const { services } = options;

  async function serve(request: Request, response: Response, requestId: string): Promise<void> {
    const principal = await identify(route, options, request);
    requireSameOrigin(request, options.trustedOrigins);
    requireJson(request);
    if (principal !== null) options.principals.set(request, principal);
    const subjectRequest = { route, requestId, parameters: request.params };
    const find = (caller: Principal | null, body: unknown) =>
      caller === null
        ? Promise.resolve(null)
        : findSubject(services, { ...subjectRequest, principal: caller, body } satisfies SubjectRequest);

    const rawBody = route.body === undefined ? undefined : await readBody(request, response);
    const isInBody = accessTable[route.operation].about === "company";
    // If the path names it, it is checked first: errors must not reveal what the principal may not see.
    let subject = isInBody ? null : await find(principal, undefined);
    const { query, body } = checkRequest(
      { query: route.query, body: route.body },
      { query: { ...request.query }, body: rawBody },
    );
    if (isInBody) subject = await find(principal, body);
    if (route.limit !== undefined) await runMiddleware(options.limits[route.limit], request, response);

    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const call: Call = {
      services,
      principal,
      subject,
      query,
      body,
      requestId,
      server: options.basePath ?? request.baseUrl,
      header: (name) => request.get(name),
      signal: gone.signal,
      async reviseSubject() {
        try {
          return await find(await identify(route, options, request), body);
        } catch (error) {
          if (error instanceof ProblemError) return null;
          throw error;
        }
      },
    };
    const answer = await route.handle(call);
    if (!("stream" in answer)) sendAnswer(response, answer);
    // A HEAD request does not read the body.
    else if (request.method === "HEAD") sendAnswer(response, { status: 200 });
    else await streamEvents(response, answer.stream, options.events);
  }

  return async (request, response) => {
    const requestId = services.newId();
    response.setHeader("X-Request-Id", requestId);
    try {
      await serve(request, response, requestId);
    } catch (error) {
      const problem = toProblem(error, requestId);
      if (problem.status >= 500) logFailure(services, route, requestId, error);
      sendProblem(response, problem);
    }
  };
}

async function identify(
  route: Route,
  { authenticate, services }: ServeOptions,
  request: Request,
): Promise<Principal | null> {
  if (authenticate === null) {
    throw new ProblemError("UNAUTHENTICATED", {
      detail: "The host application has not configured who may use this.",
    });
  }
  if (accessTable[route.operation].about === "nothing") return null;
  const given = await authenticate(request);
  if (given === null || given === undefined) throw new ProblemError("UNAUTHENTICATED");
  const principal = readPrincipal(given);
  if (principal !== null) return principal;
  services.logger.error(
    { operation: route.operation },
    "authenticate did not return a principal; expected { id, companies: { [companyId]: permissions } } or null",
  );
  throw new ProblemError("UNAUTHENTICATED");
}

/** Only named fields: the texts of other libraries' errors may contain anything. */
function logFailure({ logger }: Services, route: Route, requestId: string, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error;
  logger.error({ requestId, operation: route.operation, name, code: errorCodeOf(error) }, "a request failed");
}
