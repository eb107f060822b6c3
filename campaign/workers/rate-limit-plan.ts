/** What a worker of the load test calls, and how hard. */
export interface LoadPlan {
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly tenants: readonly LoadedTenant[];
  readonly requestsPerSecond: number;
  /** Callers for each tenant, each with one request under way. */
  readonly callers: number;
  readonly durationMs: number;
}

export interface LoadedTenant {
  readonly tenantId: string;
  readonly appKey: string;
  readonly token: string;
}

/** What a worker has done: when it sent each request, in epoch milliseconds with fractions, by tenant. */
export interface LoadMessage {
  readonly sentAt: Readonly<Record<string, readonly number[]>>;
  readonly throttled: number;
  /** The longest time that the process was suspended, in milliseconds. */
  readonly stallMs: number;
}
