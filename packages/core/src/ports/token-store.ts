export interface StoredToken {
  /** Encrypted, and bound to the version of the credential that requested it. */
  readonly accessToken: string;
  /** When it was issued and when it expires, in epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Access tokens, and the right to request one. Every method is atomic. Implementations never see plaintext. */
export interface TokenStore {
  /**
   * Replaces the stored token.
   * @returns `false`, with nothing changed, for an unknown id or if `version` is no longer the credential's.
   */
  saveToken(params: {
    readonly id: string;
    readonly version: number;
    readonly token: StoredToken;
  }): Promise<boolean>;
  /** Drops the stored token if its ciphertext is still this one. A token that was renewed meanwhile remains. */
  dropToken(params: { readonly id: string; readonly accessToken: string }): Promise<void>;
  /**
   * Acquires the right to request a token for `leaseMs` from now, so that several processes that need a token at the
   * same time request only one. Succeeds if nobody holds the lease, if it has expired, or if `owner` already holds it.
   *
   * @param params.owner - A value that is unique to the caller.
   * @returns `false` while another owner holds it, and for an unknown id.
   */
  acquireTokenLease(params: {
    readonly credentialId: string;
    readonly owner: string;
    readonly leaseMs: number;
  }): Promise<boolean>;
  /** Releases the lease. Does nothing if another owner holds it. */
  releaseTokenLease(params: { readonly credentialId: string; readonly owner: string }): Promise<void>;
}
