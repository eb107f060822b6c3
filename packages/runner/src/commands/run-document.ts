import type { RunRequest, RunStatus, RunWarning, StoredRun, SyncType } from "@titan-sync/core";
import { isoOrNull } from "../output/format.js";

/** One run as lists show it: the sync log. */
export interface RunDocument {
  readonly id: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: string;
  readonly tenantId: string;
  readonly type: SyncType;
  readonly data: RunRequest["data"];
  readonly mode: RunRequest["mode"];
  /** Whether every record was made anew without the API. */
  readonly rederive: boolean;
  /** Whether what was rejected was given another chance without the API. */
  readonly replay: boolean;
  readonly status: RunStatus;
  /** Derived records. */
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  readonly unchanged: number;
  /** From the start to the end, or to the last sign of life. */
  readonly durationMs: number;
  readonly warnings: readonly RunWarning[];
  readonly errorMessage: string | null;
  readonly error: StoredRun["error"];
  readonly startedAt: string | null;
  readonly updatedAt: string | null;
  readonly completedAt: string | null;
}

export function runDocument(run: StoredRun): RunDocument {
  const records = Object.values(run.records);
  const sum = (figure: "derived" | "delivered" | "rejected" | "unchanged"): number =>
    records.reduce((total, figures) => total + figures[figure], 0);
  return {
    id: run.id,
    credentialId: run.credentialId,
    companyId: run.scope.companyId,
    environment: run.scope.environment,
    tenantId: run.scope.tenantId,
    type: run.type,
    data: run.request.data,
    mode: run.request.mode,
    rederive: run.request.rederive,
    replay: run.request.replay === true,
    status: run.status,
    processed: sum("derived"),
    successful: sum("delivered"),
    failed: sum("rejected"),
    unchanged: sum("unchanged"),
    durationMs: (run.completedAt ?? run.updatedAt) - run.startedAt,
    warnings: run.warnings,
    errorMessage: run.error?.message ?? null,
    error: run.error,
    startedAt: isoOrNull(run.startedAt),
    updatedAt: isoOrNull(run.updatedAt),
    completedAt: isoOrNull(run.completedAt),
  };
}
