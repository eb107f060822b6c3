export interface StoredToken {
  /** Encrypted, bound to the version of the credential that it was requested with. */
  readonly accessToken: string;
  /** When it was issued and when it ends, in epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Access tokens, and the right to request one. Every method is atomic. Implementations never see plaintext. */
export interface TokenStore {
  /**
   * Replaces the stored token.
   * @returns `false`, with nothing changed, for an unknown id or when `version` is no longer the credential's.
   */
  saveToken(params: {
    readonly id: string;
    readonly version: number;
    readonly token: StoredToken;
  }): Promise<boolean>;
  /** Drops the stored token if its ciphertext is still this one: not one that was renewed meanwhile. */
  dropToken(params: { readonly id: string; readonly accessToken: string }): Promise<void>;
  /**
   * Takes the right to request a token for `leaseMs` from now, so that processes that need one at the same
   * time ask once. Succeeds when nobody holds it, when it has run out, and again for the same owner.
   *
   * @param params.owner - Anything unique to the caller.
   * @returns `false` while another owner holds it, and for an unknown id.
   */
  acquireTokenLease(params: {
    readonly credentialId: string;
    readonly owner: string;
    readonly leaseMs: number;
  }): Promise<boolean>;
  /** Gives the lease back. Does nothing when another owner holds it. */
  releaseTokenLease(params: { readonly credentialId: string; readonly owner: string }): Promise<void>;
}
