import * as oauth from "openid-client";
import type { Secret } from "../crypto/secret.js";
import { InvalidCredentialsError, TokenRequestError } from "../errors.js";
import { orAborted, throwIfAborted } from "../http/aborted.js";
import { parseProblem } from "../http/problem.js";
import { announcedWaitMs } from "../http/retry-after.js";
import type { Clock } from "../ports/clock.js";
import { checkEndpoint, isPlainHttp } from "./endpoints.js";

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
   * Asks once, for at most 60 seconds, following no redirect.
   * @throws {@link InvalidCredentialsError} when client id or secret are refused; {@link TokenRequestError}
   * for every other failure, retryable when it may pass; {@link AbortedError} when stopped.
   */
  request(
    values: { readonly clientId: Secret; readonly clientSecret: Secret },
    signal: AbortSignal,
  ): Promise<IssuedToken>;
}

/** How long one request may take, in milliseconds. */
const tokenRequestTimeoutMs = 60_000;
/** What ServiceTitan documents, for an answer that does not say. */
const usualLifeSeconds = 900;

const refusedHint =
  "Usual causes: the client id and secret belong to the other environment (integration and production have their own); white space was copied along; the secret was replaced; or the app is not approved for this tenant under Settings > Integrations > API Application Access.";

/** What the endpoint answered, noted on its way through: the library's errors do not always tell. */
interface Observed {
  status: number | null;
  retryAfterMs: number | null;
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
    // Only ever a loopback address: checkEndpoint has refused the others.
    if (isPlainHttp(authUrl)) oauth.allowInsecureRequests(configuration);
    configuration[oauth.customFetch] = async (url, init) => {
      const stop = init.signal === undefined ? signal : AbortSignal.any([signal, init.signal]);
      const response = await options.fetch(url, { ...init, redirect: "manual", signal: stop } as RequestInit);
      observed.status = response.status;
      if (response.status === 429 || response.status >= 500) {
        const { title } = parseProblem(await response.clone().text());
        observed.retryAfterMs = announcedWaitMs(response.headers, title, clock.now());
      }
      return response;
    };
    return configuration;
  }

  return {
    async request(values, signal) {
      throwIfAborted(signal);
      const observed: Observed = { status: null, retryAfterMs: null };
      const issuedAt = clock.now();
      try {
        // A fetch brought by the host may ignore its signal.
        const inTime = AbortSignal.any([signal, AbortSignal.timeout(tokenRequestTimeoutMs)]);
        const configuration = configure(values, observed, inTime);
        const answer = await orAborted(() => oauth.clientCredentialsGrant(configuration), inTime);
        const lifeMs = (answer.expires_in ?? usualLifeSeconds) * 1000;
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
  { status, retryAfterMs }: Observed,
): InvalidCredentialsError | TokenRequestError {
  const reason = error instanceof oauth.ResponseBodyError ? error.error : null;
  if (status === 401 || reason === "invalid_client" || reason === "unauthorized_client") {
    return new InvalidCredentialsError("The token endpoint refused the client id or the client secret.", {
      hint: refusedHint,
    });
  }
  if (status === null) {
    return new TokenRequestError(
      "The token endpoint could not be reached.",
      { status, retryable: true },
      { cause: error },
    );
  }
  // A good status with a bad body is a cut or foreign answer, which may pass as well.
  const retryable = status === 408 || status === 425 || status === 429 || status >= 500 || status < 300;
  const named = reason !== null && /^[a-z_]{1,40}$/.test(reason) ? ` (${reason})` : "";
  return new TokenRequestError(`The token endpoint answered ${status}${named}.`, {
    status,
    retryable,
    retryAfterMs,
  });
}
