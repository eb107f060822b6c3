import type { Secret } from "../crypto/secret.js";
import { ApiResponseError, AuthError, InsufficientScopeError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";
import type { AccessTokenSource } from "./access-token-source.js";
import { type ApiAnswer, type ApiContent, type ApiRequest, createRequestSender } from "./api-request.js";
import { createApiTelemetry } from "./api-telemetry.js";
import type { CallGuard } from "./call-guards.js";
import { checkEndpoint } from "./endpoints.js";
import type { ApiWait } from "./long-waits.js";
import { createCallPolicy, defaultRetryOptions, type RetryOptions, type Slot } from "./policy.js";
import type { RateLimiter } from "./rate-limiter.js";

export type { ApiAnswer, ApiContent } from "./api-request.js";

/** Since the client was created. */
export interface ApiFigures {
  /** Requests sent, including retries. */
  readonly requests: number;
  /** Requests answered with 429. */
  readonly throttled: number;
  /** Retries after a transient failure. */
  readonly retries: number;
}

/** Reads the API of one credential. */
export interface ApiClient {
  /**
   * Sends a GET request; retries it after transient failures and waits out throttling.
   *
   * @param path - After the host, without a leading slash: `crm/v2/tenant/1001/export/customers`.
   * @throws {@link InsufficientScopeError} on 403, or on a second 401 to a token that is accepted elsewhere;
   * {@link AuthError} with `AUTH_REJECTED` on any other second 401;
   * {@link RateLimitError} after ten minutes of throttling; {@link CircuitOpenError} when the circuit stays open
   * for as long; {@link ServiceUnavailableError},
   * {@link NetworkError}, {@link TimeoutError} or {@link ApiResponseError} when the last attempt failed;
   * {@link AbortedError} when stopped.
   */
  get(
    path: string,
    query: Readonly<Record<string, string>>,
    options: {
      readonly signal: AbortSignal;
      /** @defaultValue "background" */
      readonly priority?: CallPriority | undefined;
      /**
       * Checks the response before it is accepted. An error that it throws is treated like any other
       * failure of the attempt: retried if it is retryable.
       */
      readonly accept?: ((answer: ApiContent) => void) | undefined;
    },
  ): Promise<ApiAnswer>;
  figures(): ApiFigures;
  /** Reports long waits to the listener from now on; there is only one listener. */
  onWait(listener: (wait: ApiWait) => void): void;
}

export interface ApiClientOptions {
  /** Without trailing slash. */
  readonly apiUrl: string;
  readonly appKey: Secret;
  readonly tokens: AccessTokenSource;
  /**
   * Paths of lists, to find out whether a token that one resource refuses is accepted by another.
   * @defaultValue none: it counts as refused everywhere
   */
  readonly probes?: readonly string[] | undefined;
  readonly limiter: RateLimiter;
  /** What all clients of the credential share. @defaultValue no limits */
  readonly guard?: CallGuard | undefined;
  /** @defaultValue the global one */
  readonly fetch?: typeof fetch | undefined;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly retry?: Partial<RetryOptions> | undefined;
}

/**
 * A client of the API for one credential. It follows no redirect.
 *
 * @throws {@link ConfigError} when the address is neither https nor a loopback one.
 * @example
 * const client = createApiClient({ apiUrl, appKey, tokens, limiter, clock, random: Math.random, logger });
 * const { body } = await client.get("crm/v2/tenant/1001/customers", { pageSize: "1" }, { signal });
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { tokens, limiter, clock, random, logger } = options;
  const telemetry = createApiTelemetry();
  const figures = { requests: 0, throttled: 0, retries: 0 };
  let notifyWait: (wait: ApiWait) => void = () => undefined;
  const policy = createCallPolicy({
    retry: { ...defaultRetryOptions, ...options.retry },
    limiter,
    guard: options.guard,
    clock,
    random,
    onRepeat: () => {
      figures.retries += 1;
      telemetry.repeated();
    },
    onThrottled: () => {
      figures.throttled += 1;
      telemetry.throttled();
    },
    onSlot: telemetry.waited,
    onWait: (wait) => notifyWait(wait),
  });

  const sender = createRequestSender({
    apiUrl: checkEndpoint("apiUrl", options.apiUrl),
    appKey: options.appKey,
    fetch: options.fetch ?? fetch,
    clock,
    observe: (request) => {
      const end = telemetry.startRequest(request);
      return (report) => {
        figures.requests += 1;
        logger.debug({ ...report }, "api request");
        end(report);
      };
    },
  });

  /** The token is fetched before the slot: a slot that waits for a token would not be used in time. */
  async function attemptOnce(request: ApiRequest, slot: Slot, signal: AbortSignal) {
    const token = await tokens.token(signal);
    try {
      return await slot((inTime) => sender.send(request, token, inTime));
    } catch (error) {
      if (!isRejectedToken(error)) throw error;
      await tokens.refuse(token);
    }
    const renewed = await tokens.token(signal);
    try {
      return await slot((inTime) => sender.send(request, renewed, inTime));
    } catch (error) {
      if (!isRejectedToken(error) || !(await isAcceptedElsewhere(renewed, request, slot))) throw error;
      throw refusedHere(error);
    }
  }

  /** A single-row request decides; otherwise this would end the reading of all of the tenant's data. */
  async function isAcceptedElsewhere(token: string, { path }: ApiRequest, slot: Slot): Promise<boolean> {
    const others = (options.probes ?? []).filter((probe) => probe !== path.replace("/export/", "/"));
    for (const probe of others.slice(0, maxProbes)) {
      try {
        await slot((inTime) =>
          sender.send({ path: probe, query: { pageSize: "1" }, attempt: 1 }, token, inTime),
        );
        return true;
      } catch (error) {
        if (error instanceof InsufficientScopeError || error instanceof ApiResponseError) return true;
        if (!isRejectedToken(error)) throw error;
      }
    }
    return false;
  }

  return {
    get: (path, query, { signal, priority = "background", accept }) =>
      policy.execute(
        async (attempt, slot) => {
          const answer = await attemptOnce({ path, query, attempt }, slot, signal);
          accept?.(answer);
          return answer;
        },
        { signal, priority },
      ),
    figures: () => ({ ...figures }),
    onWait(listener) {
      notifyWait = listener;
    },
  };
}

/** Two, because one of them may be the refused resource. */
const maxProbes = 2;

function isRejectedToken(error: unknown): error is AuthError {
  return error instanceof AuthError && error.code === "AUTH_REJECTED";
}

function refusedHere({ message }: AuthError): InsufficientScopeError {
  return new InsufficientScopeError(message, {
    hint: "ServiceTitan accepts the same token for other resources: grant the app this resource's scope, or ask ServiceTitan why it refuses the token.",
  });
}
