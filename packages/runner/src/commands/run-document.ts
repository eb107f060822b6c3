import {
  isoTime,
  ledgerOf,
  type RunRequest,
  type RunStatus,
  type RunWarning,
  type StoredRun,
  type SyncType,
} from "@titan-sync/core";

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
  /** Whether every record was derived again without the API. */
  readonly rederive: boolean;
  /** Whether rejections were replayed without the API. */
  readonly replay: boolean;
  readonly status: RunStatus;
  /** The last process that worked on it; `null` if it is not known. */
  readonly worker: StoredRun["worker"];
  /** Derived records. */
  readonly processed: number;
  readonly successful: number;
  /** Rejected records, and rejected rows of feeds. */
  readonly failed: number;
  readonly unchanged: number;
  /** From the start to the end, or to the last sign of life. */
  readonly durationMs: number;
  readonly warnings: readonly RunWarning[];
  readonly errorMessage: string | null;
  readonly error: StoredRun["error"];
  /** How often a process that was shut down handed it over. */
  readonly handedOver: number;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | null;
}

export function runDocument(run: StoredRun): RunDocument {
  const { processed, successful, failed, unchanged } = ledgerOf(run);
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
    worker: run.worker,
    processed,
    successful,
    failed,
    unchanged,
    durationMs: (run.completedAt ?? run.updatedAt) - run.startedAt,
    warnings: run.warnings,
    errorMessage: run.error?.message ?? null,
    error: run.error,
    handedOver: run.handedOver,
    startedAt: isoTime(run.startedAt),
    updatedAt: isoTime(run.updatedAt),
    completedAt: isoTime(run.completedAt),
  };
}
