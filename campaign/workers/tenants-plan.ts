import type { DatabasePlan } from "./open-database.js";

/** What a worker process does that shares a database with others. */
export interface TenantsPlan {
  readonly database: DatabasePlan;
  readonly simulatorUrl: string;
  readonly encryptionKey: string;
  readonly credentialIds: readonly string[];
  readonly durationMs: number;
  /** It goes on beyond that until so many of its runs have ended. */
  readonly leastRuns: number;
  readonly seed: number;
}

/** What such a worker tells, a line each. Times are epoch milliseconds by the machine's clock. */
export type TenantsMessage =
  | {
      readonly kind: "ran";
      readonly credentialId: string;
      readonly runId: string;
      readonly status: string;
      /** The worker surely owned the run from here… */
      readonly from: number;
      /** …to here. */
      readonly to: number;
    }
  | { readonly kind: "refused"; readonly credentialId: string }
  | { readonly kind: "failed"; readonly code: string };
