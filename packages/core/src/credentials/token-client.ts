import * as oauth from "openid-client";
import { orAborted, throwIfAborted } from "../async/aborted.js";
import type { Secret } from "../crypto/secret.js";
import { InvalidCredentialsError, TokenRequestError } from "../errors.js";
import { checkEndpoint, isPlainHttp } from "../http/endpoints.js";
import { announcedWaitMs } from "../http/retry-after.js";
import type { Clock } from "../ports/clock.js";
import { readTokenAnswer, type TokenAnswer } from "./token-answer.js";

/** A token as ServiceTitan issued it. */
export interface IssuedToken {
  readonly accessToken: string;
  /** Epoch milliseconds, as `expiresAt`. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Requests tokens; keeps none. */
export interface TokenClient {
  /**
   * Sends one request, for at most 60 seconds, and follows no redirect.
   * @throws {@link InvalidCredentialsError} when client id or secret are refused; {@link TokenRequestError}
   * for every other failure, retryable if it is transient; {@link AbortedError} when stopped.
   */
  request(
    values: { readonly clientId: Secret; readonly clientSecret: Secret },
    signal: AbortSignal,
  ): Promise<IssuedToken>;
}

/** How long one request may take, in milliseconds. */
const tokenRequestTimeoutMs = 60_000;
/** The documented default, for a response without a valid lifetime. */
const usualLifeSeconds = 900;
const longestLifeSeconds = 24 * 60 * 60;

const refusedHint =
  "Usual causes: the client id and secret belong to the other environment (integration and production have their own); whitespace was copied too; the secret was replaced; or the app is not approved for this tenant under Settings > Integrations > API Application Access.";

/** The endpoint's response, captured as it passes: the library's errors do not always contain it. */
interface Observed {
  status: number | null;
  retryAfterMs: number | null;
  answer: TokenAnswer | null;
}

/**
 * A client of the token endpoint `<authUrl>/connect/token`.
 * @throws {@link ConfigError} when the address is neither https nor a loopback one.
 */
export function createTokenClient(options: {
  readonly authUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}): TokenClient {
  const authUrl = checkEndpoint("authUrl", options.authUrl);
  const { clock } = options;

  function configure(
    values: { readonly clientId: Secret; readonly clientSecret: Secret },
    observed: Observed,
    signal: AbortSignal,
  ): oauth.Configuration {
    const configuration = new oauth.Configuration(
      { issuer: authUrl, token_endpoint: `${authUrl}/connect/token` },
      values.clientId.reveal(),
      undefined,
      oauth.ClientSecretPost(values.clientSecret.reveal()),
    );
    configuration.timeout = tokenRequestTimeoutMs / 1000;
    // Always a loopback address: checkEndpoint has refused all others.
    if (isPlainHttp(authUrl)) oauth.allowInsecureRequests(configuration);
    configuration[oauth.customFetch] = async (url, init) => {
      const stop = init.signal === undefined ? signal : AbortSignal.any([signal, init.signal]);
      const response = await options.fetch(url, { ...init, redirect: "manual", signal: stop } as RequestInit);
      observed.status = response.status;
      const text = await response.text();
      if (!response.ok) observed.retryAfterMs = announcedWaitMs(response.headers, text, clock.now());
      observed.answer = readTokenAnswer(text);
      const { status } = response;
      const headers = { "content-type": "application/json" };
      // Statuses that must not have a body.
      const isBare = status === 204 || status === 205 || status === 304;
      return new Response(isBare ? null : observed.answer.body, { status, headers });
    };
    return configuration;
  }

  return {
    async request(values, signal) {
      throwIfAborted(signal);
      const observed: Observed = { status: null, retryAfterMs: null, answer: null };
      const issuedAt = clock.now();
      try {
        // A fetch passed by the host may ignore its signal.
        const inTime = AbortSignal.any([signal, AbortSignal.timeout(tokenRequestTimeoutMs)]);
        const configuration = configure(values, observed, inTime);
        const answer = await orAborted(() => oauth.clientCredentialsGrant(configuration), inTime);
        // The library accepts a type of token that we could not send.
        if (observed.answer?.fault) throw new TypeError(observed.answer.fault);
        const seconds = Math.min(answer.expires_in ?? usualLifeSeconds, longestLifeSeconds);
        const lifeMs = seconds * 1000;
        return { accessToken: answer.access_token, issuedAt, expiresAt: issuedAt + lifeMs };
      } catch (error) {
        throwIfAborted(signal);
        throw toTokenError(error, observed);
      }
    },
  };
}

function toTokenError(
  error: unknown,
  { status, retryAfterMs, answer }: Observed,
): InvalidCredentialsError | TokenRequestError {
  if (status === null || answer === null) {
    return new TokenRequestError(
      "The token endpoint could not be reached.",
      { status, retryable: true },
      { cause: error },
    );
  }
  const reason = answer.error;
  // Only the authorization server can declare a credential invalid. A 401 page comes from something in
  // between.
  if (reason === "invalid_client" || reason === "unauthorized_client") {
    return new InvalidCredentialsError("The token endpoint refused the client id or the client secret.", {
      hint: refusedHint,
    });
  }
  const isSuccess = status >= 200 && status < 300;
  const named = reason === null ? "" : ` (${reason})`;
  const why = isSuccess ? `, but ${answer.fault ?? "the response contains no token"}` : named;
  const isForeign = reason === null && status >= 400 && status < 500 && status !== 429;
  return new TokenRequestError(
    `The token endpoint answered ${status}${why}.`,
    { status, retryable: mayPass(status, reason), retryAfterMs },
    isForeign ? { hint: foreignHint } : {},
  );
}

const foreignHint =
  "The response did not come from an authorization server: check for a firewall, a proxy or a wrong URL. It does not mean that the credential is wrong.";

const passingReasons = new Set(["temporarily_unavailable", "server_error", "slow_down"]);

/**
 * A success status with an invalid body is a truncated or foreign response; a refusal without a reason may
 * come from a firewall.
 */
function mayPass(status: number, reason: string | null): boolean {
  if (status < 300 || status === 408 || status === 425 || status === 429 || status >= 500) return true;
  // A redirect, or a wrong address.
  if (status < 400 || status === 404 || status === 405) return false;
  return reason === null || passingReasons.has(reason);
}
