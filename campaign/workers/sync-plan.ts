import type { RunResult, SyncRequest } from "@titan-sync/core";
import type { KillPoint } from "./kill-points.js";
import type { DatabasePlan } from "./open-database.js";

/** What a worker process is to do. */
export interface SyncPlan {
  readonly database: DatabasePlan;
  /** Of a sink that is a file; `null` writes into the storage's database. */
  readonly sinkFile: string | null;
  readonly simulatorUrl: string;
  readonly encryptionKey: string;
  readonly companyId: string;
  /** What the company's credential is made of when it has none. */
  readonly tenant: {
    readonly tenantId: string;
    readonly environment: "production" | "integration";
    readonly clientId: string;
    readonly clientSecret: string;
    readonly appKey: string;
  };
  readonly request: Omit<SyncRequest, "credentialId" | "signal">;
  readonly leaseMs: number;
  readonly batchSize: number;
  readonly killPoint: KillPoint | null;
}

/** What a worker tells, a line each. */
export type WorkerMessage =
  | { readonly kind: "begun"; readonly runId: string; readonly resumed: boolean }
  /** A verb and a moment of its commit. */
  | { readonly kind: "at"; readonly where: string }
  | { readonly kind: "ended"; readonly result: RunResult }
  /** The run could not be ended: another owner has it, or the database is unreachable. */
  | { readonly kind: "gave up"; readonly code: string; readonly message: string };
