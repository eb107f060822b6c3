/** Provides the access token of one credential. */
export interface AccessTokenSource {
  /**
   * A token that is valid for some minutes; requests one if needed, once for all callers and processes.
   * @throws {@link InvalidCredentialsError} when the credential is refused, from then on without asking
   * again until it is changed or a connection test succeeds; {@link TokenRequestError} after several
   * attempts; {@link ConflictError} when the credential was removed; {@link AbortedError} when stopped.
   */
  token(signal: AbortSignal): Promise<string>;
  /** The API refused this token. Drops the stored token only if it is this one. */
  refuse(refused: string): Promise<void>;
}
