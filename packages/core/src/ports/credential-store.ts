import type { Environment } from "./tenant.js";

export type ConnectionStatus = "pending" | "connected" | "error";

export interface StoredToken {
  /** Encrypted. */
  readonly accessToken: string;
  /** When it was issued and when it ends, in epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A credential as it is stored: the four secret fields only ever encrypted. */
export interface StoredCredential {
  readonly id: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  readonly token: StoredToken | null;
  readonly status: ConnectionStatus;
  /** Epoch milliseconds, as all times here. */
  readonly lastConnectionAttemptAt: number | null;
  readonly lastSyncAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewCredential {
  readonly id: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  readonly status: ConnectionStatus;
}

export interface CredentialFilter {
  readonly companyId?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly status?: ConnectionStatus | undefined;
}

export interface PageRequest {
  /** At most this many items. */
  readonly limit: number;
  /** The `next` of the page before; absent for the first. */
  readonly cursor?: string | null | undefined;
}

/** One page of a list in a stable order. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** `null` on the last page. */
  readonly next: string | null;
}

/** Where encrypted tenant credentials live. Implementations never see plaintext. */
export interface CredentialStore {
  /**
   * Atomic. One credential per company and environment.
   * @throws {@link ConflictError} when that pair, or the id, is taken.
   */
  createCredential(credential: NewCredential): Promise<StoredCredential>;
  findCredential(id: string): Promise<StoredCredential | null>;
  /** Ordered by company and environment. */
  listCredentials(filter: CredentialFilter, page: PageRequest): Promise<Page<StoredCredential>>;
  /** Sets the outcome of a connection attempt that was made now. Does nothing for an unknown id. */
  setConnectionStatus(id: string, status: ConnectionStatus): Promise<void>;
  /** Replaces the stored token, `null` drops it. Does nothing for an unknown id. */
  saveToken(id: string, token: StoredToken | null): Promise<void>;
}
