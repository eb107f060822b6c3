import type { Endpoints } from "../auth/endpoints.js";
import { createTokenClient } from "../auth/token-client.js";
import type { TokenProvider } from "../auth/token-provider.js";
import type { Secret } from "../crypto/secret.js";
import { TimeoutError, TitanSyncError } from "../errors.js";
import { orAborted, throwIfAborted } from "../http/aborted.js";
import { createApiClient } from "../http/api-client.js";
import type { RateLimiters } from "../http/rate-limiter.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";

/** One step of a connection test. */
export interface ConnectionTestStep {
  readonly step: "token" | "api";
  readonly ok: boolean;
  readonly durationMs: number;
  readonly message: string;
  /** What to do about a failure. */
  readonly hint: string | null;
}

/** Whether ServiceTitan accepts a credential, and where it stopped. */
export interface ConnectionTest {
  readonly ok: boolean;
  /** In order, up to the first that failed. */
  readonly steps: readonly ConnectionTestStep[];
}

/** What a test needs to know of a credential. */
export interface TestedCredential {
  readonly tenantId: string;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly appKey: Secret;
}

export interface ConnectionTestOptions {
  readonly endpoints: Endpoints;
  readonly limiters: RateLimiters;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A person waits for the answer. */
const timeLimitMs = 10_000;

/**
 * Requests a token, then one customer, ahead of whatever else waits for this tenant. Ends within ten seconds.
 *
 * @returns the test, and the error behind its failure.
 * @throws {@link AbortedError} when the caller stops it.
 */
export async function testConnection(
  credential: TestedCredential,
  options: ConnectionTestOptions,
  signal: AbortSignal,
): Promise<{ readonly test: ConnectionTest; readonly error: TitanSyncError | null }> {
  const { clock } = options;
  const deadline = new AbortController();
  const finished = new AbortController();
  clock.sleep(timeLimitMs, finished.signal).then(
    () => deadline.abort(new TimeoutError("ServiceTitan did not answer within ten seconds.")),
    () => undefined,
  );
  const stop = AbortSignal.any([signal, deadline.signal]);
  const steps: ConnectionTestStep[] = [];

  async function run<Result>(step: ConnectionTestStep["step"], good: string, work: () => Promise<Result>) {
    const startedAt = clock.now();
    const durationMs = (): number => clock.now() - startedAt;
    try {
      // A fetch brought by the host may ignore its signal.
      const result = await orAborted(work(), stop);
      steps.push({ step, ok: true, durationMs: durationMs(), message: good, hint: null });
      return result;
    } catch (error) {
      throwIfAborted(signal);
      if (!TitanSyncError.is(error)) throw error;
      steps.push({ step, ok: false, durationMs: durationMs(), message: error.message, hint: error.hint });
      throw error;
    }
  }

  try {
    const accessToken = await run("token", "ServiceTitan issued a token.", async () => {
      const client = createTokenClient({ ...options, authUrl: options.endpoints.authUrl });
      return (await client.request(credential, stop)).accessToken;
    });
    await run("api", "The API answered.", () => readOneCustomer(credential, accessToken, options, stop));
    return { test: { ok: true, steps }, error: null };
  } catch (error) {
    const last = steps.at(-1);
    if (TitanSyncError.is(error) && last?.ok === false) return { test: { ok: false, steps }, error };
    throw error;
  } finally {
    finished.abort();
  }
}

async function readOneCustomer(
  credential: TestedCredential,
  accessToken: string,
  options: ConnectionTestOptions,
  signal: AbortSignal,
): Promise<void> {
  const tokens: TokenProvider = { token: async () => accessToken, refuse: async () => undefined };
  const client = createApiClient({
    ...options,
    apiUrl: options.endpoints.apiUrl,
    appKey: credential.appKey,
    tokens,
    limiter: options.limiters.for(credential.tenantId, credential.appKey),
    retry: { maxAttempts: 1 },
  });
  const path = `crm/v2/tenant/${credential.tenantId}/customers`;
  await client.get(path, { pageSize: "1" }, { signal, priority: "interactive" });
}
