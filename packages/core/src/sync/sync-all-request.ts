import { z } from "zod";
import { invalid, issuesOf } from "../check-request.js";
import { ValidationError } from "../errors.js";
import type { CredentialFilter } from "../ports/credential-store.js";
import type { Environment } from "../ports/tenant.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { checkSyncRequest } from "./run-request.js";
import type { SyncRequest } from "./sync-request.js";
import type { TenantOutcome } from "./tenant-outcome.js";

/** What to sync of many credentials; everything else as for one. */
export interface SyncAllRequest
  extends Omit<SyncRequest, "credentialId" | "importId" | "runId" | "stopAfterMs"> {
  /** Which credentials; every part must hold. @defaultValue all */
  readonly filter?: SyncAllFilter | undefined;
  /** How many run in parallel, from 1 to 100. @defaultValue 4 */
  readonly concurrency?: number | undefined;
  /** Pause after this long, in milliseconds: both current runs and those that have not started. */
  readonly stopAfterMs?: number | undefined;
  /**
   * If another owner holds a credential's run and shows no sign of life, wait until its lease expires
   * instead of failing; called once for each credential. @defaultValue such a credential fails with a
   * `CONFLICT`
   */
  readonly onLeaseWait?: ((wait: LeaseWait) => void) | undefined;
  /**
   * Sync credentials whose run is in progress elsewhere, such as in a worker, after all others, as soon as that run has
   * ended. @defaultValue false: such a credential fails with a `CONFLICT`
   */
  readonly waitForOthers?: boolean | undefined;
  /**
   * Receives the outcome of each credential as soon as it is known. An error that it throws is logged, and
   * changes nothing.
   */
  readonly onOutcome?: ((outcome: TenantOutcome) => void) | undefined;
}

/** Which credentials to sync. */
export interface SyncAllFilter
  extends Pick<CredentialFilter, "companyId" | "companyIds" | "environment" | "status"> {
  readonly credentialId?: string | undefined;
  /** Filters by these credentials; an empty list matches nothing. */
  readonly credentialIds?: readonly string[] | undefined;
}

/** That a credential waits for the end of another owner's lease. */
export interface LeaseWait {
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: Environment;
  /** The maximum wait for a sign of life, in milliseconds. */
  readonly leftMs: number;
}

/** A request for many, with its defaults. */
export interface CheckedSyncAllRequest {
  readonly filter: SyncAllFilter;
  readonly concurrency: number;
  readonly waitForOthers: boolean;
  /** The request for each credential. */
  readonly each: Omit<SyncRequest, "credentialId" | "stopAfterMs" | "signal">;
  readonly stopAfterMs: number | null;
  readonly signal: AbortSignal | null;
  readonly onLeaseWait: ((wait: LeaseWait) => void) | null;
  readonly onOutcome: ((outcome: TenantOutcome) => void) | null;
}

const ownPart = z.object({
  filter: z
    .strictObject({
      credentialId: z.string().min(1).optional(),
      credentialIds: z.array(z.string().min(1)).optional(),
      companyId: z.string().min(1).optional(),
      companyIds: z.array(z.string().min(1)).optional(),
      environment: z.enum(["integration", "production"]).optional(),
      status: z.enum(["pending", "connected", "error"]).optional(),
    })
    .default({}),
  concurrency: z.int().min(1).max(100).default(4),
  waitForOthers: z.boolean().default(false),
});

/** @throws {@link ValidationError} with the mistakes in `issues`. */
export function checkSyncAllRequest(
  catalog: Pick<RecordCatalog, "drivers">,
  request: SyncAllRequest,
): CheckedSyncAllRequest {
  const { filter, concurrency, waitForOthers, stopAfterMs, signal, onLeaseWait, onOutcome, ...each } =
    request;
  const own = ownPart.safeParse({ filter, concurrency, waitForOthers });
  const issues = issuesOf(own.error);
  try {
    // Any id will do: only the rest is checked here, once for all.
    checkSyncRequest(catalog, { ...each, stopAfterMs, signal, credentialId: "each" });
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    issues.push(...error.issues);
  }
  if (!own.success || issues.length > 0) {
    throw invalid("sync request", issues);
  }
  return {
    ...own.data,
    each,
    stopAfterMs: stopAfterMs ?? null,
    signal: signal ?? null,
    onLeaseWait: onLeaseWait ?? null,
    onOutcome: onOutcome ?? null,
  };
}
