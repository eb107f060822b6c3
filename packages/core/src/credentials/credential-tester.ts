import { sleep } from "../async/aborted.js";
import type { Auditor } from "../audit/auditor.js";
import { ApiResponseError, AuthError, type TitanSyncError, TokenRequestError } from "../errors.js";
import type { FeedName } from "../feeds/feed.js";
import type { Endpoints } from "../http/endpoints.js";
import type { RateLimiters } from "../http/rate-limiters.js";
import type { Clock } from "../ports/clock.js";
import type { ConnectionStatus, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";
import type { Environment } from "../ports/tenant.js";
import type { TokenStore } from "../ports/token-store.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { testConnection } from "./connection-test.js";
import type { ConnectionTestResult } from "./connection-verdict.js";
import type { CredentialValues } from "./credential-values.js";
import { maskSecret } from "./mask.js";
import { contextOf, openCredential } from "./open-credential.js";
import { createTokenClient, type IssuedToken } from "./token-client.js";
import { createTokenLease } from "./token-lease.js";

/** Who asks for something. */
export interface ActingOptions {
  /** For the audit log: a principal's id. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** For the audit log: the request that it came with. */
  readonly requestId?: string | undefined;
}

export interface CredentialTestOptions extends ActingOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface CredentialTesterOptions {
  readonly store: CredentialStore & TokenStore;
  readonly encryptor: Encryptor;
  readonly auditor: Auditor;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly fetch: typeof fetch;
  readonly logger: Logger;
  readonly endpoints: (environment: Environment) => Endpoints;
  readonly limiters: Pick<RateLimiters, "for">;
  /** The feeds that a company has turned off; none for an unknown company. Never fails. */
  readonly feedsOff: (companyId: string) => Promise<readonly FeedName[]>;
  /** The record types whose feeds a connection test requests. */
  readonly catalog: RecordCatalog;
}

/** Runs connection tests and records them in the audit log. */
export interface CredentialTester {
  /** @returns the token as well: it need not be requested again when the values are stored now. */
  testValues(
    values: CredentialValues,
    options: CredentialTestOptions,
  ): Promise<ConnectionTestResult & { readonly token: IssuedToken | null }>;
  /**
   * Stores the outcome with the credential, unless the failure is transient or unrelated to the credential.
   * @throws {@link CryptoError} when the credential cannot be decrypted.
   */
  testStored(stored: StoredCredential, options: CredentialTestOptions): Promise<ConnectionTestResult>;
  /** Stores a token that a test has requested for values that are stored by now. */
  keepToken(stored: StoredCredential, token: IssuedToken): Promise<void>;
}

/**
 * A person is waiting: after this time a test requests its own token, even if another process is requesting
 * one.
 */
const leaseTimeoutMs = 2000;
const lookAgainMs = 250;

export function createCredentialTester(options: CredentialTesterOptions): CredentialTester {
  const { store, encryptor, auditor, clock } = options;

  async function run(
    values: CredentialValues,
    subject: string,
    request: (signal: AbortSignal) => Promise<IssuedToken>,
    { actor = "system", requestId, signal = new AbortController().signal }: CredentialTestOptions,
  ): Promise<ConnectionTestResult & { readonly token: IssuedToken | null }> {
    const { companyId, tenantId, environment } = values;
    let token: IssuedToken | null = null;
    const requestToken = async (stop: AbortSignal): Promise<string> => {
      token = await request(stop);
      return token.accessToken;
    };
    const endpoints = options.endpoints(environment);
    const feedsOff = await options.feedsOff(companyId);
    const result = await testConnection(values, requestToken, { ...options, endpoints, feedsOff }, signal);
    const clientId = maskSecret(values.clientId.reveal());
    const entry = { actor, subject, companyId, requestId };
    await auditor.record({
      ...entry,
      action: "token:request",
      outcome: result.test.steps[0]?.ok === true ? "success" : "failure",
      details: { clientId, code: token === null ? (result.error?.code ?? null) : null },
    });
    const { missingScopes } = result.test;
    const appKey = maskSecret(values.appKey.reveal());
    await auditor.record({
      ...entry,
      action: "connection:test",
      outcome: result.test.ok ? "success" : "failure",
      details: { tenantId, environment, clientId, appKey, missingScopes, code: result.error?.code ?? null },
    });
    return { ...result, token };
  }

  function request(values: CredentialValues, signal: AbortSignal): Promise<IssuedToken> {
    const { authUrl } = options.endpoints(values.environment);
    return createTokenClient({ authUrl, fetch: options.fetch, clock }).request(values, signal);
  }

  /** The lease spares the token endpoint, and runs of this credential use the token from the test. */
  async function requestForStored(
    stored: StoredCredential,
    values: CredentialValues,
    signal: AbortSignal,
  ): Promise<IssuedToken> {
    const lease = createTokenLease({ credentialId: stored.id, store, clock, logger: options.logger });
    const patientUntil = clock.now() + leaseTimeoutMs;
    while (clock.now() < patientUntil) {
      const token = await lease.run(async () => {
        const issued = await request(values, signal);
        await keepToken(stored, issued);
        return issued;
      });
      if (token !== null) return token;
      await sleep(clock, lookAgainMs, signal);
    }
    return await request(values, signal);
  }

  async function keepToken(stored: StoredCredential, token: IssuedToken): Promise<void> {
    const accessToken = await encryptor.encrypt(token.accessToken, contextOf(stored, "accessToken"));
    const { issuedAt, expiresAt } = token;
    await store.saveToken({
      id: stored.id,
      version: stored.version,
      token: { accessToken, issuedAt, expiresAt },
    });
  }

  return {
    keepToken,

    // Not stored yet: the company is the affected object.
    testValues: (values, testOptions) =>
      run(values, values.companyId, (signal) => request(values, signal), testOptions),

    async testStored(stored, testOptions) {
      const { id, version, companyId, tenantId, environment } = stored;
      const { clientId, clientSecret, appKey } = await openCredential(stored, encryptor);
      const values = { companyId, tenantId, environment, clientId, clientSecret, appKey };
      await auditor.recordSecrets({
        actor: testOptions.actor ?? "system",
        action: "secret:decrypt",
        credential: stored,
        fields: ["clientId", "clientSecret", "appKey"],
        purpose: "test",
      });
      const { test, error } = await run(
        values,
        id,
        (signal) => requestForStored(stored, values, signal),
        testOptions,
      );
      await store.setConnectionStatus({ id, version, status: statusAfter(error, stored.status) });
      return { test, error };
    },
  };
}

/** A failure that is transient, or caused by an address, says nothing about the credential. */
function statusAfter(error: TitanSyncError | null, before: ConnectionStatus): ConnectionStatus {
  if (error === null) return "connected";
  const isRefusal =
    (error instanceof AuthError && !(error instanceof TokenRequestError)) ||
    error instanceof ApiResponseError;
  return isRefusal && !error.retryable ? "error" : before;
}
