import type { AuditEntry, Clock, Logger, RunDispatcher, TitanSync } from "@titan-sync/core";
import type { Authorizer } from "../access/authorizer.js";
import type { OpenApiDocument } from "../openapi/build-document.js";
import type { DryRuns } from "../runs/dry-runs.js";

/** What the routes of one router work with. */
export interface Services {
  readonly titan: Pick<TitanSync, "credentials" | "status" | "schedules" | "runs" | "rejections" | "audit">;
  readonly dispatcher: RunDispatcher;
  readonly dryRuns: DryRuns;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  /** Whether granted access is recorded, as denied access is. */
  readonly auditGrants: boolean;
  /** An audit log that fails must not stop the work: the failure is logged. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /** @param server - The path under which clients reach the router. */
  readonly document: (server: string) => OpenApiDocument;
}
