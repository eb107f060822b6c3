/** What a worker process derives from what is landed. */
export interface DeriveMemoryPlan {
  readonly databaseUrl: string;
  readonly encryptionKey: string;
  readonly credentialId: string;
}

/** What it tells when it is done. */
export interface DeriveMemoryMessage {
  readonly status: string;
  readonly delivered: number;
  /** The most memory that the process ever had, in MB. */
  readonly peakMb: number;
}
