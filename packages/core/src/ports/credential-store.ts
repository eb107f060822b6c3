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

/** New values of a credential. Its company and environment never change. */
export interface CredentialUpdate {
  readonly id: string;
  /** The version that was read before. */
  readonly expectedVersion: number;
  readonly tenantId: string;
  /** Encrypted for version `expectedVersion + 1`, like the client secret and the app key. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
}

/** All encrypted fields of one credential. */
export interface Ciphertexts {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
  /** `null` when there is no token. */
  readonly accessToken: string | null;
}

/**
 * Stores encrypted tenant credentials. Implementations never see plaintext. Every method is atomic and leaves no
 * transaction open when it returns; times come from the storage's own clock.
 */
export interface CredentialStore {
  /**
   * Stores a credential as version 1. There is one credential per company and environment.
   * @throws {@link ConflictError} when that pair, or the id, already exists.
   */
  createCredential(credential: NewCredential): Promise<StoredCredential>;
  /** `null` when the id is unknown. */
  findCredential(id: string): Promise<StoredCredential | null>;
  /** Ordered by company and environment. Every part of the filter must hold. */
  listCredentials(filter: CredentialFilter, page: PageRequest): Promise<Page<StoredCredential>>;
  /**
   * Replaces the values, raises the version by one, drops the token and its lease, and sets the status to
   * `pending`.
   * @throws {@link ConflictError} when the id is unknown or the version is no longer the expected one; nothing changes.
   */
  updateCredential(update: CredentialUpdate): Promise<StoredCredential>;
  /**
   * Removes a credential and its token. `withData` also deletes everything stored for its tenant: landed entities,
   * cursors, work queue, delivered state, stored batches, rejections and runs. Without it, all of that remains, and a
   * later credential of the same tenant continues from there; a dead or paused run ends `cancelled`, because nothing
   * can continue it.
   *
   * Data may be deleted in several transactions. From the first one on, no run of the credential can begin; the last
   * one deletes the credential itself. If a call is interrupted, the next one finishes its work.
   *
   * @returns whether the credential existed.
   * @throws {@link ConflictError} with the run's id while a run holds a lease that has not expired; nothing changes.
   */
  removeCredential(params: { readonly id: string; readonly withData: boolean }): Promise<boolean>;
  /**
   * Stores the outcome of a connection attempt that was made now. Does nothing for an unknown id, or if `version` is no
   * longer the credential's: then the attempt used older values.
   */
  setConnectionStatus(params: {
    readonly id: string;
    readonly version: number;
    readonly status: ConnectionStatus;
  }): Promise<void>;
  /**
   * Replaces the ciphertexts with others of the same values, as key rotation does. The version and `updatedAt` do not
   * change.
   *
   * @returns `false`, with nothing changed, when the id is unknown or any of `expected` is no longer stored.
   */
  replaceCiphertexts(params: {
    readonly id: string;
    readonly expected: Ciphertexts;
    readonly replacement: Ciphertexts;
  }): Promise<boolean>;
}
