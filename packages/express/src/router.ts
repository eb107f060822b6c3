import { randomUUID } from "node:crypto";
import { harmlessLogger, silentLogger, systemClock } from "@titan-sync/core";
import cors from "cors";
import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from "express";
import { createAuthorizer } from "./access/authorizer.js";
import type { Principal } from "./access/principal.js";
import { checkOptions } from "./check-options.js";
import { createEventLog } from "./events/event-log.js";
import { createRunEvents } from "./events/run-events.js";
import { errorCodeOf, systemCodeOf } from "./http/error-code.js";
import { ProblemError } from "./http/problem.js";
import { createRateLimits } from "./http/rate-limits.js";
import { appHeaders, pageHeaders, securityHeaders } from "./http/security-headers.js";
import { sendProblem } from "./http/send.js";
import { type ServeOptions, serveRoute } from "./http/serve-route.js";
import { toProblem } from "./http/to-problem.js";
import { buildDocument } from "./openapi/build-document.js";
import { dashboardPage } from "./pages/dashboard-page.js";
import { docsPage } from "./pages/docs-page.js";
import { type Page, pages } from "./pages/pages.js";
import type { TitanSyncRouterOptions } from "./router-options.js";
import { routes } from "./routes/routes.js";
import type { Services } from "./routes/services.js";
import { createDryRuns } from "./runs/dry-runs.js";
import { inProcessDispatcher } from "./runs/in-process-dispatcher.js";

/** An Express router with its own life: streams of events, and the syncs that it started. */
export interface TitanSyncRouter extends Router, AsyncDisposable {
  /**
   * Ends all event streams, and cancels or hands over the triggered syncs. A dispatcher passed by the host stays open.
   * May be called twice.
   */
  close(): Promise<void>;
}

const exposedHeaders = ["Location", "Content-Location", "ETag", "Retry-After", "RateLimit", "X-Request-Id"];

/**
 * Everything of a `titan` as REST with live events, to be mounted at any path. It reads bodies itself, adds
 * nothing to other routes, and leaves what it does not know to the host.
 *
 * @throws `ConfigError` that lists every unusable option at once.
 * @example
 * const router = createTitanSyncRouter({ titan, authenticate: (request) => principalOf(request.session) });
 * app.use("/api/servicetitan", router);
 */
export function createTitanSyncRouter(options: TitanSyncRouterOptions): TitanSyncRouter {
  checkOptions(options);
  const { titan, clock = systemClock, newId = randomUUID } = options;
  const logger = harmlessLogger(options.logger ?? silentLogger);
  if (options.authenticate === undefined) {
    logger.error(
      { option: "authenticate" },
      "createTitanSyncRouter has no `authenticate` option: every request is refused until the host provides one",
    );
  }
  const dispatcher = options.dispatcher ?? inProcessDispatcher(titan);
  const dryRuns = createDryRuns(titan, clock);
  const source = createRunEvents({
    runs: titan.runs,
    locals: [dispatcher, dryRuns],
    clock,
    logger,
    intervalMs: options.pollMs ?? 1000,
  });
  const log = createEventLog({ source, clock, name: newId().slice(0, 8) });
  const closed = new AbortController();
  const principals = new WeakMap<Request, Principal>();
  const serveOptions: ServeOptions = {
    services: createServices(options, { logger, clock, newId, dispatcher, dryRuns }),
    authenticate: options.authenticate ?? null,
    limits: createRateLimits(options.rateLimits ?? {}, (request) => {
      const principal = principals.get(request);
      if (principal === undefined) throw new ProblemError("UNAUTHENTICATED");
      return principal;
    }),
    trustedOrigins: options.cors?.origins ?? [],
    basePath: options.basePath ?? null,
    events: { log, clock, logger, heartbeatMs: options.heartbeatMs ?? 15_000, signal: closed.signal },
    principals,
  };

  async function close(): Promise<void> {
    closed.abort();
    log.close();
    source.close();
    await dryRuns.close();
    if (options.dispatcher === undefined) await dispatcher.close();
  }
  return Object.assign(buildRouter(options, serveOptions), { close, [Symbol.asyncDispose]: close });
}

function createServices(
  { titan, authorize, auditGrants = false }: TitanSyncRouterOptions,
  parts: Pick<Services, "logger" | "clock" | "newId" | "dispatcher" | "dryRuns">,
): Services {
  const documents = new Map<string, ReturnType<typeof buildDocument>>();
  return {
    ...parts,
    titan,
    auditGrants,
    authorizer: createAuthorizer(authorize),
    async audit(entry) {
      try {
        await titan.audit.append(entry);
      } catch (error) {
        const { action, subject } = entry;
        parts.logger.warn(
          { action, subject, code: errorCodeOf(error) },
          "an audit log entry could not be written",
        );
      }
    },
    document(server) {
      const document = documents.get(server) ?? buildDocument(server);
      // A router has one or a few paths; a proxy that lets clients choose the path must not fill the memory.
      if (documents.size < 10) documents.set(server, document);
      return document;
    },
  };
}

function buildRouter(options: TitanSyncRouterOptions, serveOptions: ServeOptions): Router {
  const router = Router({ caseSensitive: true });
  const origins = options.cors?.origins ?? [];
  const shared =
    origins.length === 0
      ? [securityHeaders]
      : [securityHeaders, cors({ origin: [...origins], credentials: true, exposedHeaders })];

  for (const route of routes) {
    router[route.method](expressPath(route.path), ...shared, serveRoute(route, serveOptions));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
    router.all(expressPath(path), ...shared, () => {
      throw new ProblemError("METHOD_NOT_ALLOWED", { headers: { Allow: allowed.join(", ") } });
    });
  }
  const usePage = ({ path }: Page, ...handlers: readonly RequestHandler[]): void => {
    const refuse: RequestHandler = (_request, _response, next) => next(new ProblemError("UNAUTHENTICATED"));
    router.use(path, ...(serveOptions.authenticate === null ? [refuse] : handlers));
  };
  usePage(pages.documentation, pageHeaders, docsPage());
  if (options.dashboard !== undefined) {
    usePage(pages.dashboard, appHeaders, dashboardPage(options.dashboard));
  }
  router.use(answerErrors(serveOptions.services));
  return router;
}

/** Errors that express itself finds, such as a path that cannot be decoded, and those that pages throw. */
function answerErrors({ newId, logger }: Services): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const requestId = newId();
    const problem = toProblem(error, requestId);
    if (problem.status >= 500) {
      logger.error(
        { requestId, code: errorCodeOf(error) ?? systemCodeOf(error) },
        "a page could not be served",
      );
    }
    sendProblem(response, problem);
  };
}

/** `/credentials/{credentialId}` as Express writes it. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
