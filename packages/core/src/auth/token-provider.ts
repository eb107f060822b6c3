import type { Secret } from "../crypto/secret.js";
import {
  ConflictError,
  CryptoError,
  InvalidCredentialsError,
  TitanSyncError,
  TokenRequestError,
} from "../errors.js";
import { defaultRetryOptions } from "../http/policy.js";
import { createRepeat } from "../http/retry.js";
import type { AuditLog } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { EncryptionContext, Encryptor } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";
import type { Environment } from "../ports/tenant.js";
import { maskSecret } from "./mask.js";
import { createSingleFlight } from "./single-flight.js";
import type { IssuedToken, TokenClient } from "./token-client.js";

/** Hands out the token of one credential. */
export interface TokenProvider {
  /**
   * A token that is good for some minutes; requests one when needed, once for all callers.
   * @throws {@link InvalidCredentialsError} when the credential is refused, from then on without asking
   * again; {@link TokenRequestError} after several attempts; {@link AbortedError} when stopped.
   */
  token(signal: AbortSignal): Promise<string>;
  /** The API refused this token. Drops the stored token only if it is this one. */
  refuse(refused: string): Promise<void>;
}

export interface TokenProviderOptions {
  readonly credentialId: string;
  readonly context: { readonly companyId: string; readonly environment: Environment };
  readonly values: { readonly clientId: Secret; readonly clientSecret: Secret };
  readonly store: CredentialStore;
  readonly encryptor: Encryptor;
  readonly client: TokenClient;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly audit?: AuditLog | undefined;
}

/** Tokens live 900 seconds: renewed after 600, so that even a slow page ends under a good one. */
const renewBeforeExpiryMs = 300_000;
/** After a failed renewal of a token that is still good. */
const renewalPauseMs = 30_000;

/**
 * When a token is renewed, in epoch milliseconds: 300 seconds before it expires, but not before a third of
 * its life has passed, so that a short-lived one is not renewed for each call.
 */
export function renewalTime(token: { readonly issuedAt: number; readonly expiresAt: number }): number {
  const third = token.issuedAt + (token.expiresAt - token.issuedAt) / 3;
  return Math.max(token.expiresAt - renewBeforeExpiryMs, third);
}

/** The tokens of one credential: in memory, in storage shared with other processes, or newly requested. */
export function createTokenProvider(options: TokenProviderOptions): TokenProvider {
  const { credentialId, store, encryptor, client, clock, logger } = options;
  const context: EncryptionContext = { ...options.context, field: "accessToken" };
  const repeat = createRepeat({
    repeat: defaultRetryOptions,
    isWorthRepeating: (error) => TitanSyncError.is(error) && error.retryable,
    clock,
    random: options.random,
    onRepeat: (error, delayMs) => {
      const code = TitanSyncError.is(error) ? error.code : null;
      logger.warn({ credentialId, code, delayMs }, "token request failed, trying again");
    },
  });
  /** `until` is when it is renewed, in epoch milliseconds. */
  let held: { readonly token: IssuedToken; readonly until: number } | null = null;
  let refusal: { readonly token: string; readonly done: Promise<void> } | null = null;
  let dead: InvalidCredentialsError | null = null;

  const isFresh = (token: { readonly issuedAt: number; readonly expiresAt: number }): boolean =>
    clock.now() < renewalTime(token);

  /** A lease shared by processes belongs around these two steps. */
  const obtain = createSingleFlight(async (signal) => {
    const stored = await store.findCredential(credentialId);
    if (stored === null) throw new ConflictError("The credential was removed.");
    const token = (await readStored(stored)) ?? (await request(stored, signal));
    held = { token, until: renewalTime(token) };
    return token.accessToken;
  });

  /** While the token endpoint fails, a token that is still good is used to its end. */
  async function renew(signal: AbortSignal): Promise<string> {
    const last = held;
    try {
      return await obtain(signal);
    } catch (error) {
      const isPassing = error instanceof TokenRequestError && error.retryable;
      if (!isPassing || last === null || last !== held || clock.now() >= last.token.expiresAt) throw error;
      const until = Math.min(clock.now() + renewalPauseMs, last.token.expiresAt);
      held = { token: last.token, until };
      return last.token.accessToken;
    }
  }

  /** `null` when there is none, or none that another process renewed in time. */
  async function readStored(stored: StoredCredential): Promise<IssuedToken | null> {
    const { token } = stored;
    if (token === null || !isFresh(token)) return null;
    const accessToken = await decrypted(token.accessToken);
    if (accessToken === null || accessToken === refusal?.token) return null;
    return { accessToken, issuedAt: token.issuedAt, expiresAt: token.expiresAt };
  }

  /** A token under a lost key is as good as none. */
  async function decrypted(ciphertext: string): Promise<string | null> {
    try {
      return await encryptor.decrypt(ciphertext, context);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      logger.warn({ credentialId }, "the stored token does not open, requesting another");
      return null;
    }
  }

  async function request(stored: StoredCredential, signal: AbortSignal): Promise<IssuedToken> {
    try {
      const token = await repeat.execute(() => client.request(options.values, signal), signal);
      await store.saveToken(credentialId, {
        accessToken: await encryptor.encrypt(token.accessToken, context),
        issuedAt: token.issuedAt,
        expiresAt: token.expiresAt,
      });
      if (stored.status !== "connected") await store.setConnectionStatus(credentialId, "connected");
      await audit("success", null);
      return token;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) {
        dead = error;
        await store.setConnectionStatus(credentialId, "error");
      }
      if (!signal.aborted) await audit("failure", TitanSyncError.is(error) ? error.code : null);
      throw error;
    }
  }

  /** An audit log that fails must not stop the work, nor hide why it stopped. */
  async function audit(outcome: "success" | "failure", code: string | null): Promise<void> {
    try {
      await options.audit?.appendAudit({
        actor: "system",
        action: "token:request",
        subject: credentialId,
        companyId: context.companyId,
        outcome,
        details: { clientId: maskSecret(options.values.clientId.reveal()), code },
      });
    } catch {
      logger.warn({ credentialId }, "the audit log did not take an entry");
    }
  }

  async function dropStored(refused: string): Promise<void> {
    const stored = await store.findCredential(credentialId);
    const token = stored?.token ?? null;
    if (token !== null && (await decrypted(token.accessToken)) === refused) {
      await store.saveToken(credentialId, null);
    }
  }

  return {
    async token(signal) {
      if (dead !== null) throw dead;
      return held !== null && clock.now() < held.until ? held.token.accessToken : await renew(signal);
    },

    async refuse(refused) {
      if (held?.token.accessToken === refused) held = null;
      // Callers that were refused together ask the storage once.
      if (refusal?.token !== refused) refusal = { token: refused, done: dropStored(refused) };
      await refusal.done;
    },
  };
}
