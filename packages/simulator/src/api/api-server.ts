import type { CounterBoard } from "../counters.js";
import type { FaultEffect } from "../faults/fault.js";
import type { FaultInjector, FaultTarget } from "../faults/fault-injector.js";
import { feedRoutes } from "../feeds.js";
import type { Settings } from "../options.js";
import { createRandom } from "../random.js";
import type { TenantState } from "../tenant.js";
import { type Answer, type Call, emptyAnswer, htmlAnswer, jsonAnswer, type Outcome } from "./exchange.js";
import { createGate, missingScope, unauthorized } from "./gate.js";
import { createPageServer } from "./pages.js";
import { noOperation, problem, Refusal } from "./problem.js";
import { type Endpoint, type Route, routeOf } from "./route.js";
import { throttledAnswer } from "./throttled.js";
import { createTokenEndpoint } from "./token-endpoint.js";
import { createTokenShelf } from "./tokens.js";

/** What a server of the API is made of. */
export interface ApiServerParts {
  readonly settings: Settings;
  readonly tenants: readonly TenantState[];
  readonly faults: FaultInjector;
  readonly counters: CounterBoard;
}

/**
 * Answers requests: app key, rate limit, token, tenant, scope and route are checked in this order; faults
 * strike where their kind says.
 *
 * @returns a function that rejects only when the call's signal is aborted while it waits.
 */
export function createApiServer({ settings, tenants, faults, counters }: ApiServerParts) {
  const tokens = createTokenShelf({
    lifeSeconds: settings.tokenLifeSeconds,
    now: settings.now,
    random: createRandom(settings.seed, "tokens"),
  });
  const gate = createGate(settings, tenants, tokens);
  const servePage = createPageServer(settings);
  const serveToken = createTokenEndpoint(settings, tenants, tokens);

  async function arrive(target: FaultTarget, call: Call): Promise<Outcome | null> {
    const { effect, delayMs } = faults.strike("arrival", target);
    await wait(settings.latencyMs + delayMs, call.signal);
    return effect === null ? null : failOnArrival(effect, settings.now());
  }

  function serve(call: Call, { tenantId, endpoint }: Route, target: FaultTarget): Outcome {
    const token = gate.checkToken(call);
    const { effect } = faults.strike("authorization", target);
    if (effect?.kind === "revoked-token") {
      tokens.revoke(token.text);
      throw unauthorized();
    }
    if (tenantId === null) return problem(404, "Not Found");
    const tenant = gate.checkTenant(token, tenantId);
    if (effect?.kind === "missing-scope") throw missingScope();
    if (endpoint === null) return noOperation();
    gate.checkScope(token, feedRoutes[endpoint.feed].scope);
    const { effect: spoiling } = faults.strike("answer", target);
    return cut(servePage(tenant, endpoint, call.url.searchParams, spoiling), spoiling);
  }

  async function respondToToken(call: Call): Promise<Outcome> {
    counters.tokenRequest();
    const target = targetOf(call, { tenantId: null, endpoint: null }, true);
    const failure = await arrive(target, call);
    const outcome = failure ?? cut(await serveToken(call), faults.strike("answer", target).effect);
    counters.outcome("token", statusOf(outcome));
    return outcome;
  }

  async function respondToApi(call: Call): Promise<Outcome> {
    const route = routeOf(call.method, call.url.pathname);
    const target = targetOf(call, route, false);
    counters.request(route.tenantId, target.feed, settings.fineNow());
    const outcome = await refusedOr(async () => {
      gate.checkAppKey(call);
      gate.checkRate(route.tenantId);
      return (await arrive(target, call)) ?? serve(call, route, target);
    });
    counters.outcome("api", statusOf(outcome));
    return outcome;
  }

  return async (call: Call): Promise<Outcome> => {
    const isToken = call.url.pathname === "/connect/token";
    const outcome = await (isToken ? respondToToken(call) : respondToApi(call));
    return dated(outcome, new Date(settings.now()).toUTCString());
  };
}

/** Callers set their clock by the header, so it shows the simulator's time, not the machine's. */
function dated(outcome: Outcome, date: string): Outcome {
  switch (outcome.kind) {
    case "answer":
      return { ...outcome, headers: { date, ...outcome.headers } };
    case "cut":
      return { ...outcome, answer: { ...outcome.answer, headers: { date, ...outcome.answer.headers } } };
    default:
      return outcome;
  }
}

async function refusedOr(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function targetOf(call: Call, { tenantId, endpoint }: Route, isToken: boolean): FaultTarget {
  const kind = endpoint?.kind === "contacts" ? "list" : (endpoint?.kind ?? null);
  return {
    endpoint: isToken ? "token" : kind,
    feed: endpoint?.feed ?? null,
    tenantId,
    path: call.url.pathname,
    isFollowUp: endpoint !== null && isFollowUp(endpoint, call.url.searchParams),
  };
}

function isFollowUp(endpoint: Endpoint, query: URLSearchParams): boolean {
  return endpoint.kind === "export" ? (query.get("from") ?? "") !== "" : Number(query.get("page") ?? 1) > 1;
}

function failOnArrival(effect: FaultEffect, now: number): Outcome | null {
  switch (effect.kind) {
    case "status":
      return statusAnswer(effect);
    case "throttle":
      return throttledAnswer(effect.retryAfter ?? "seconds", effect.seconds ?? 1, now);
    case "reset":
    case "hang":
      return { kind: effect.kind };
    default:
      return null;
  }
}

function statusAnswer({
  status,
  body = "problem",
  title,
  headers = {},
}: FaultEffect & { kind: "status" }): Answer {
  switch (body) {
    case "html":
      return htmlAnswer(status, headers);
    case "problem":
      return problem(status, title ?? "The request could not be completed.", {}, headers);
    case "oauth":
      return jsonAnswer(status, JSON.stringify({ error: "invalid_client" }), headers);
    case "empty":
      return emptyAnswer(status, headers);
  }
}

function cut(answer: Answer, effect: FaultEffect | null): Outcome {
  switch (effect?.kind) {
    case "cut-body":
      return { kind: "cut", answer, share: effect.share ?? 0.5 };
    case "cut-json":
      return jsonAnswer(200, answer.body.slice(0, Math.floor(answer.body.length * (effect.share ?? 0.5))));
    default:
      return answer;
  }
}

function statusOf(outcome: Outcome): string {
  return outcome.kind === "answer" ? String(outcome.status) : outcome.kind;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
