import { orAborted, shared, throwIfAborted } from "../async/aborted.js";
import { startDeadline } from "../async/in-time.js";
import { InsufficientScopeError, TimeoutError, TitanSyncError } from "../errors.js";
import type { FeedName } from "../feeds/feed.js";
import type { AccessTokenSource } from "../http/access-token-source.js";
import { createApiClient } from "../http/api-client.js";
import type { Endpoints } from "../http/endpoints.js";
import type { RateLimiters } from "../http/rate-limiters.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import {
  afterProbes,
  type ConnectionTestResult,
  type ProbeOutcome,
  type StepOutcome,
  withoutToken,
} from "./connection-verdict.js";
import type { CredentialValues } from "./credential-values.js";
import { type ScopeProbe, scopeProbes } from "./scope-probes.js";

export type { ConnectionTest, ConnectionTestResult, ConnectionTestStep } from "./connection-verdict.js";

export interface ConnectionTestOptions {
  /** Whose feeds are asked for. */
  readonly catalog: RecordCatalog;
  /** Feeds that the company leaves out: their scopes are not asked for. */
  readonly feedsOff: readonly FeedName[];
  readonly endpoints: Endpoints;
  readonly limiters: Pick<RateLimiters, "for">;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A person waits for the answer. */
const timeLimitMs = 10_000;

/**
 * Requests a token, then reads one row for each scope that any feed needs, ahead of whatever else waits for
 * this tenant. Ends within ten seconds.
 *
 * @param requestToken - Gives a token that was requested just now, and ends soon after its signal does.
 * @throws {@link AbortedError} when the caller stops it.
 */
export async function testConnection(
  credential: Pick<CredentialValues, "tenantId" | "appKey">,
  requestToken: (signal: AbortSignal) => Promise<string>,
  options: ConnectionTestOptions,
  signal: AbortSignal,
): Promise<ConnectionTestResult> {
  const { clock } = options;
  const deadline = startDeadline({
    clock,
    ms: timeLimitMs,
    late: () => new TimeoutError("ServiceTitan did not respond within ten seconds."),
    signal,
  });
  const stop = shared(deadline.signal);

  async function attempt(work: () => Promise<unknown>): Promise<StepOutcome> {
    const startedAt = clock.now();
    let error: TitanSyncError | null = null;
    try {
      await work();
    } catch (thrown) {
      throwIfAborted(signal);
      if (!TitanSyncError.is(thrown)) throw thrown;
      error = thrown;
    }
    return { error, durationMs: clock.now() - startedAt };
  }

  try {
    let accessToken = "";
    // Awaited even when stopped: it has to release a lease.
    const token = await attempt(async () => {
      accessToken = await requestToken(stop);
    });
    if (token.error !== null) return withoutToken(token, token.error);

    const read = createProbeReader(credential, () => accessToken, options, stop);
    const probe = async (asked: ScopeProbe): Promise<ProbeOutcome> => ({
      ...asked,
      // A fetch passed by the host may ignore its signal.
      ...(await attempt(() => orAborted(() => read(asked), stop))),
    });
    const [first, ...others] = scopeProbes(options.catalog, options.feedsOff);
    const firstOutcome = await probe(first);
    const isHopeless = firstOutcome.error !== null && !(firstOutcome.error instanceof InsufficientScopeError);
    const otherOutcomes = isHopeless ? [] : await Promise.all(others.map(probe));
    return afterProbes(token, [firstOutcome, ...otherOutcomes]);
  } finally {
    deadline.end();
  }
}

/** Reads one row with a token that is neither kept nor renewed, and does not repeat what fails. */
function createProbeReader(
  { tenantId, appKey }: Pick<CredentialValues, "tenantId" | "appKey">,
  accessToken: () => string,
  options: ConnectionTestOptions,
  signal: AbortSignal,
): (probe: ScopeProbe) => Promise<unknown> {
  const tokens: AccessTokenSource = { token: async () => accessToken(), refuse: async () => undefined };
  const client = createApiClient({
    ...options,
    apiUrl: options.endpoints.apiUrl,
    appKey,
    tokens,
    limiter: options.limiters.for(tenantId, appKey),
    retry: { maxAttempts: 1 },
  });
  return ({ module, path }) =>
    client.get(
      `${module}/v2/tenant/${tenantId}/${path}`,
      { pageSize: "1" },
      { signal, priority: "interactive" },
    );
}
