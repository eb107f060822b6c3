/** What a process that works on the queue, and schedules, is to do until SIGTERM. */
export interface ChaosPlan {
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly encryptionKey: string;
  readonly concurrency: number;
  /** How long leases and claims last, and the database may take to answer; `null` for the defaults. */
  readonly limits: { readonly leaseMs: number; readonly timeoutMs: number } | null;
}
