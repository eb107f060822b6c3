import { maskSecret } from "../auth/mask.js";
import { CryptoError } from "../errors.js";
import type { ConnectionStatus, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Environment } from "../ports/tenant.js";
import { openCredential } from "./open-credential.js";

/** A credential as it may be shown. Times are ISO 8601, UTC. */
export interface CredentialSummary {
  readonly id: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  /** Masked, as the two below. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  readonly status: ConnectionStatus;
  readonly lastConnectionAttemptAt: string | null;
  readonly lastSyncAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface MaskedSecrets {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
}

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
    status: stored.status,
    lastConnectionAttemptAt: isoOrNull(stored.lastConnectionAttemptAt),
    lastSyncAt: isoOrNull(stored.lastSyncAt),
    createdAt: new Date(stored.createdAt).toISOString(),
    updatedAt: new Date(stored.updatedAt).toISOString(),
  };
}

async function maskedSecrets(stored: StoredCredential, encryptor: Encryptor): Promise<MaskedSecrets> {
  try {
    const opened = await openCredential(stored, encryptor);
    return {
      clientId: maskSecret(opened.clientId.reveal()),
      clientSecret: maskSecret(opened.clientSecret.reveal()),
      appKey: maskSecret(opened.appKey.reveal()),
    };
  } catch (error) {
    if (error instanceof CryptoError) return unreadable;
    throw error;
  }
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
