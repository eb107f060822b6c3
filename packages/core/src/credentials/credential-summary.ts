import type { Secret } from "../crypto/secret.js";
import { CryptoError } from "../errors.js";
import type { ConnectionStatus, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Environment } from "../ports/tenant.js";
import type { SecretField } from "./encrypt-values.js";
import { maskSecret } from "./mask.js";
import { openCredential } from "./open-credential.js";

/** A credential as it may be shown. Times are epoch milliseconds. */
export interface CredentialSummary {
  readonly id: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  /** Masked, as the two below. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  /** From 1; grows with each change of the values. */
  readonly version: number;
  readonly status: ConnectionStatus;
  /** `null` without a stored token. */
  readonly tokenExpiresAt: number | null;
  readonly lastConnectionAttemptAt: number | null;
  readonly lastSyncAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

type MaskedSecrets = Readonly<Record<SecretField, string>>;

const unreadable: MaskedSecrets = {
  clientId: "[unreadable]",
  clientSecret: "[unreadable]",
  appKey: "[unreadable]",
};

/** One credential under a lost key must not hide the others: its secrets show as `[unreadable]`. */
export async function summariseCredential(
  stored: StoredCredential,
  encryptor: Encryptor,
): Promise<CredentialSummary> {
  return {
    id: stored.id,
    companyId: stored.companyId,
    tenantId: stored.tenantId,
    environment: stored.environment,
    ...(await maskedSecrets(stored, encryptor)),
    version: stored.version,
    status: stored.status,
    tokenExpiresAt: stored.token?.expiresAt ?? null,
    lastConnectionAttemptAt: stored.lastConnectionAttemptAt,
    lastSyncAt: stored.lastSyncAt,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
  };
}

/** What may be shown of a credential's secrets. */
export function maskedValues(values: Readonly<Record<SecretField, Secret>>): MaskedSecrets {
  return {
    clientId: maskSecret(values.clientId.reveal()),
    clientSecret: maskSecret(values.clientSecret.reveal()),
    appKey: maskSecret(values.appKey.reveal()),
  };
}

async function maskedSecrets(stored: StoredCredential, encryptor: Encryptor): Promise<MaskedSecrets> {
  try {
    return maskedValues(await openCredential(stored, encryptor));
  } catch (error) {
    if (error instanceof CryptoError) return unreadable;
    throw error;
  }
}
