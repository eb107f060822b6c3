import type { Page, PageRequest } from "./page.js";
import type { Environment } from "./tenant.js";
import type { StoredToken } from "./token-store.js";

export type ConnectionStatus = "pending" | "connected" | "error";

/** A stored credential. The four secret fields are always encrypted. */
export interface StoredCredential {
  readonly id: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  /** From 1; grows with each update. The ciphertexts are bound to it. */
  readonly version: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  readonly token: StoredToken | null;
  readonly status: ConnectionStatus;
  /** Epoch milliseconds, like all times here. */
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
  /** Filters by these companies; an empty list matches nothing. */
  readonly companyIds?: readonly string[] | undefined;
  readonly environment?: Environment | undefined;
  readonly status?: ConnectionStatus | undefined;
  /** Only those with a stored token that ends before this time, in epoch milliseconds. */
  readonly tokenExpiresBefore?: number | undefined;
}

/** New values of a credential. Company and environment are what it is for: they never change. */
export interface CredentialUpdate {
  readonly id: string;
  /** The version that was read before. */
  readonly expectedVersion: number;
  readonly tenantId: string;
  /** Encrypted for version `expectedVersion + 1`, as the two below. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
}

/** Everything of one credential that is encrypted. */
export interface Ciphertexts {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  /** `null` when there is no token. */
  readonly accessToken: string | null;
}

/**
 * Where encrypted tenant credentials live. Implementations never see plaintext. Every method is atomic and
 * holds no transaction open after it returns; times are taken from the storage's own clock.
 */
export interface CredentialStore {
  /**
   * Stores a credential as version 1. One credential per company and environment.
   * @throws {@link ConflictError} when that pair, or the id, is taken.
   */
  createCredential(credential: NewCredential): Promise<StoredCredential>;
  /** `null` when the id is unknown. */
  findCredential(id: string): Promise<StoredCredential | null>;
  /** Ordered by company and environment. Every part of the filter must hold. */
  listCredentials(filter: CredentialFilter, page: PageRequest): Promise<Page<StoredCredential>>;
  /**
   * Replaces the values, raises the version by one, drops the token and its lease, and sets the status to
   * `pending`.
   * @throws {@link ConflictError} when the id is unknown or the version is no longer the expected one;
   * nothing has changed then.
   */
  updateCredential(update: CredentialUpdate): Promise<StoredCredential>;
  /**
   * Removes a credential with its token. With `withData` everything that was kept of its tenant goes as well: landed
   * entities, cursors, work queue, delivered state, stored batches, rejections and runs. Without it all of that stays,
   * and a later credential of the same tenant continues from there; but a run that was to be continued ends
   * `cancelled`, since nobody can.
   *
   * Data may go in several transactions: no run of the credential begins from the first one on, the credential itself
   * goes with the last, and the next call finishes what one that was cut off has left.
   *
   * @returns whether there was one.
   * @throws {@link ConflictError} with the run's id while a run's lease is alive; nothing has changed then.
   */
  removeCredential(params: { readonly id: string; readonly withData: boolean }): Promise<boolean>;
  /**
   * Sets the outcome of a connection attempt that was made now. Does nothing for an unknown id or when
   * `version` is no longer the credential's: the outcome is that of other values.
   */
  setConnectionStatus(params: {
    readonly id: string;
    readonly version: number;
    readonly status: ConnectionStatus;
  }): Promise<void>;
  /**
   * Replaces the ciphertexts by others of the same values, as key rotation does. Neither the version nor
   * `updatedAt` changes.
   *
   * @returns `false`, with nothing changed, when the id is unknown or any of `expected` is no longer stored.
   */
  replaceCiphertexts(params: {
    readonly id: string;
    readonly expected: Ciphertexts;
    readonly replacement: Ciphertexts;
  }): Promise<boolean>;
}
