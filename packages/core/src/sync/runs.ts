import type { Auditor } from "../audit/auditor.js";
import { toRunMetrics } from "../ledger/run-metrics.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { DailyRunMetrics, RunFilter, RunMetrics } from "../ports/run-history.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";
import { type CancelRequest, type CancelResult, cancelRun } from "./cancel-run.js";
import { endLostRun } from "./end-lost-run.js";
import type { RunHandle } from "./run-handle.js";

/** The credentials and the range of time for daily metrics. */
export interface DailyMetricsRequest {
  readonly credentialIds: readonly string[];
  /** Started at or after, in epoch milliseconds. */
  readonly from: number;
  /** Started before, in epoch milliseconds. */
  readonly to: number;
}

/** Current and past runs of all processes that share the storage. Dry runs are not stored. */
export interface Runs {
  /** `null` for an unknown id. */
  find(runId: string): Promise<StoredRun | null>;
  /** A credential's running or paused run; `null` if there is none. */
  findCurrent(credentialId: string): Promise<StoredRun | null>;
  /** Newest first. */
  list(filter: RunFilter, page: PageRequest): Promise<Page<StoredRun>>;
  /** How matching runs performed. Only runs that have ended count. */
  metrics(filter: RunFilter): Promise<RunMetrics>;
  /** Metrics by credential and day in UTC; days without runs are left out. */
  dailyMetrics(request: DailyMetricsRequest): Promise<readonly DailyRunMetrics[]>;
  /** Runs whose worker is gone and that nobody has continued yet; the longest lost first. */
  listLost(limit: number): Promise<readonly StoredRun[]>;
  /**
   * Ends a lost run `failed` with the code `WORKER_LOST`, which names its worker; `cancelled` if somebody had asked to
   * cancel it. The next sync continues from the feeds' cursors. To continue the run itself instead, start an equal sync.
   * @param actor - For the audit log. @defaultValue "system"
   * @returns the ended run; `null` if it is not lost, or no longer.
   */
  endLost(runId: string, actor?: string): Promise<StoredRun | null>;
  /**
   * Cancels a run of any process. A run of this instance stops at once. A run of another process stops after its
   * owner's next heartbeat. A run that nobody works on (it is paused, or its owner died) ends immediately. Resolves
   * when the run has stopped or its owner was asked to stop it. A cancelled run is not continued: the next incremental
   * sync continues from the feeds' cursors, the next full sync starts again. Only its handle can cancel a dry run.
   * @throws {@link ValidationError} for an invalid request or an unknown run.
   */
  cancel(request: CancelRequest): Promise<CancelResult>;
}

export interface RunsOptions {
  readonly store: Pick<
    Storage,
    | "findRun"
    | "findCurrentRun"
    | "listRuns"
    | "sumRuns"
    | "dailyRunMetrics"
    | "requestRunCancellation"
    | "listLostRuns"
    | "endLostRun"
  >;
  readonly auditor: Auditor;
  /** Finds a run of this instance that is in progress. */
  readonly findOwn: (runId: string) => Pick<RunHandle, "cancel" | "result"> | null;
}

export function createRuns(options: RunsOptions): Runs {
  const { store } = options;
  return {
    find: (runId) => store.findRun(runId),
    findCurrent: (credentialId) => store.findCurrentRun(credentialId),
    list: (filter, page) => store.listRuns(filter, page),
    metrics: async (filter) => toRunMetrics(await store.sumRuns(filter)),
    dailyMetrics: (request) => store.dailyRunMetrics(request),
    listLost: (limit) => store.listLostRuns({ limit }),
    endLost: (runId, actor = "system") => endLostRun(options, runId, actor),
    cancel: (request) => cancelRun(options, request),
  };
}
