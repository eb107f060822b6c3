import { sleep } from "../async/aborted.js";
import { createSingleFlight } from "../async/single-flight.js";
import { type Auditor, createAuditor, type SecretUse } from "../audit/auditor.js";
import {
  ConflictError,
  CryptoError,
  errorCodeOf,
  InvalidCredentialsError,
  TitanSyncError,
  TokenRequestError,
} from "../errors.js";
import type { AccessTokenSource } from "../http/access-token-source.js";
import { defaultRetryOptions } from "../http/policy.js";
import { createRepeat } from "../http/retry.js";
import type { AuditLog } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";
import type { TokenStore } from "../ports/token-store.js";
import { maskSecret } from "./mask.js";
import { contextOf, openCredential } from "./open-credential.js";
import type { IssuedToken, TokenClient } from "./token-client.js";
import { createTokenLease } from "./token-lease.js";

export interface TokenProviderOptions {
  readonly credentialId: string;
  /** Values and token are read from here each time: a credential that was changed is used as it is now. */
  readonly store: CredentialStore & TokenStore;
  readonly encryptor: Encryptor;
  readonly client: TokenClient;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly audit?: Pick<AuditLog, "appendAudit"> | undefined;
}

/**
 * Tokens are valid for 900 seconds: renewed after 600, so that even a slow page finishes with a valid one.
 */
const renewBeforeExpiryMs = 300_000;
/** After a failed renewal of a token that is still valid. */
const renewalPauseMs = 30_000;
/**
 * How long a process waits before it checks whether another one has the token; the delay doubles each time.
 */
const firstLookMs = 250;
const longestLookMs = 2000;

/**
 * When a token is renewed, in epoch milliseconds: 300 seconds before it expires, but not before a third of
 * its life has passed, so that a short-lived one is not renewed for each call.
 */
export function renewalTime(token: { readonly issuedAt: number; readonly expiresAt: number }): number {
  const third = token.issuedAt + (token.expiresAt - token.issuedAt) / 3;
  return Math.max(token.expiresAt - renewBeforeExpiryMs, third);
}

/**
 * The tokens of one credential: in memory, in storage shared with other processes, or newly requested under
 * a short lease that is kept there.
 */
export function createTokenProvider(options: TokenProviderOptions): AccessTokenSource {
  const { credentialId, store, encryptor, clock, logger } = options;
  const auditor = createAuditor(options.audit ?? null, logger);
  /** `until` is when it is renewed, in epoch milliseconds. */
  let held: { readonly token: IssuedToken; readonly until: number } | null = null;
  let refusal: { readonly token: string; readonly done: Promise<void> } | null = null;

  /** A token that is due for renewal but still valid. */
  const spare = (): IssuedToken | null =>
    held !== null && clock.now() < held.token.expiresAt ? held.token : null;

  function hold(token: IssuedToken, until = renewalTime(token)): string {
    held = { token, until };
    return token.accessToken;
  }

  const obtain = createSingleFlight(async (signal) => {
    const lease = createTokenLease(options);
    for (let lookMs = firstLookMs; ; lookMs = Math.min(2 * lookMs, longestLookMs)) {
      const shared = await readStored(await find());
      if (shared !== null) return hold(shared);
      const requested = await lease.run(() => readOrRequest(signal));
      if (requested !== null) return hold(requested);
      const good = spare();
      if (good !== null) return hold(good, Math.min(clock.now() + renewalPauseMs, good.expiresAt));
      await sleep(clock, lookMs, signal);
    }
  });

  /** While the token endpoint fails, a token that is still valid is used until it expires. */
  async function renew(signal: AbortSignal): Promise<string> {
    const last = held;
    try {
      return await obtain(signal);
    } catch (error) {
      const isTransient = error instanceof TokenRequestError && error.retryable;
      if (!isTransient || last === null || last !== held || spare() === null) throw error;
      return hold(last.token, Math.min(clock.now() + renewalPauseMs, last.token.expiresAt));
    }
  }

  async function find(): Promise<StoredCredential> {
    const stored = await store.findCredential(credentialId);
    if (stored === null) throw new ConflictError("The credential was removed.");
    if (stored.status === "error") throw refusedBefore();
    return stored;
  }

  /** `null` when there is none, or none that another process renewed in time. */
  async function readStored(stored: StoredCredential): Promise<IssuedToken | null> {
    const { token } = stored;
    if (token === null || clock.now() >= renewalTime(token)) return null;
    const accessToken = await decrypted(stored);
    if (accessToken === null || accessToken === refusal?.token) return null;
    await recordUse(stored, "secret:decrypt", ["accessToken"]);
    return { accessToken, issuedAt: token.issuedAt, expiresAt: token.expiresAt };
  }

  /** A token encrypted with a lost key is worthless. */
  async function decrypted(stored: StoredCredential): Promise<string | null> {
    if (stored.token === null) return null;
    try {
      return await encryptor.decrypt(stored.token.accessToken, contextOf(stored, "accessToken"));
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      logger.warn({ credentialId }, "the stored token cannot be decrypted, requesting another");
      return null;
    }
  }

  /** Another process may have stored one between the lookup and the lease. */
  async function readOrRequest(signal: AbortSignal): Promise<IssuedToken | null> {
    const stored = await find();
    return (await readStored(stored)) ?? (await request(stored, signal));
  }

  /** `null` when the credential was changed meanwhile: the token belongs to other values. */
  async function request(stored: StoredCredential, signal: AbortSignal): Promise<IssuedToken | null> {
    const { version } = stored;
    try {
      const token = await ask(stored, signal);
      const ciphertext = await encryptor.encrypt(token.accessToken, contextOf(stored, "accessToken"));
      const { issuedAt, expiresAt } = token;
      const isStored = await store.saveToken({
        id: credentialId,
        version,
        token: { accessToken: ciphertext, issuedAt, expiresAt },
      });
      if (!isStored) return null;
      if (stored.status !== "connected") {
        await store.setConnectionStatus({ id: credentialId, version, status: "connected" });
      }
      await recordUse(stored, "secret:encrypt", ["accessToken"]);
      return token;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) {
        await store.setConnectionStatus({ id: credentialId, version, status: "error" });
      }
      throw error;
    }
  }

  /** A token that is still valid leaves time: one attempt now, the next one after a pause. */
  async function ask(stored: StoredCredential, signal: AbortSignal): Promise<IssuedToken> {
    const opened = await openCredential(stored, encryptor);
    await recordUse(stored, "secret:decrypt", ["clientId", "clientSecret"]);
    const maxAttempts = spare() === null ? defaultRetryOptions.maxAttempts : 1;
    const repeat = createRepeat({
      repeat: { ...defaultRetryOptions, maxAttempts },
      isRetryable: (error) => TitanSyncError.is(error) && error.retryable,
      clock,
      random: options.random,
      onRepeat: async (error, delayMs) => {
        const code = errorCodeOf(error);
        logger.warn({ credentialId, code, delayMs }, "token request failed, trying again");
      },
    });
    const note = (outcome: "success" | "failure", code: string | null): Promise<void> =>
      recordRequest(auditor, stored, opened.clientId.reveal(), outcome, code);
    try {
      const token = await repeat.execute(() => options.client.request(opened, signal), signal);
      await note("success", null);
      return token;
    } catch (error) {
      if (!signal.aborted) await note("failure", errorCodeOf(error));
      throw error;
    }
  }

  function recordUse(
    credential: StoredCredential,
    action: SecretUse["action"],
    fields: SecretUse["fields"],
  ): Promise<void> {
    return auditor.recordSecrets({ actor: "system", action, credential, fields, purpose: "token" });
  }

  async function dropStored(refused: string): Promise<void> {
    const stored = await store.findCredential(credentialId);
    if (stored === null || stored.token === null || (await decrypted(stored)) !== refused) return;
    await store.dropToken({ id: credentialId, accessToken: stored.token.accessToken });
  }

  return {
    async token(signal) {
      return held !== null && clock.now() < held.until ? held.token.accessToken : await renew(signal);
    },

    async refuse(refused) {
      if (held?.token.accessToken === refused) held = null;
      // Callers that were refused together query the storage once.
      if (refusal?.token !== refused) refusal = { token: refused, done: dropStored(refused) };
      await refusal.done;
    },
  };
}

function recordRequest(
  auditor: Auditor,
  stored: StoredCredential,
  clientId: string,
  outcome: "success" | "failure",
  code: string | null,
): Promise<void> {
  return auditor.record({
    actor: "system",
    action: "token:request",
    subject: stored.id,
    companyId: stored.companyId,
    outcome,
    details: { clientId: maskSecret(clientId), code },
  });
}

function refusedBefore(): InvalidCredentialsError {
  return new InvalidCredentialsError(
    "ServiceTitan refused this credential before; no new request was sent.",
    {
      hint: "Correct the credential, or test the connection: a successful test makes it usable again.",
    },
  );
}
