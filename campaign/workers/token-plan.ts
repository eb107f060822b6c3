/** What a process that needs tokens is to do. */
export interface TokenPlan {
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly encryptionKey: string;
  readonly credentialId: string;
  /** Independent users of the credential, such as runs and tests, and the callers that each of them has. */
  readonly users: number;
  readonly callersEach: number;
  /** When all of them ask, in epoch milliseconds. */
  readonly startAt: number;
}

/** What it tells, once. */
export interface TokenMessage {
  /** The tokens that its callers were given, each once. */
  readonly tokens: readonly string[];
  readonly callers: number;
}
