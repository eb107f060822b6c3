import type { Auditor } from "../audit/auditor.js";
import type { Page, PageRequest } from "../ports/page.js";

import type { DailyRunMetrics, RunFilter, RunMetrics } from "../ports/run-history.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";

import { type CancelRequest, type CancelResult, cancelRun } from "./cancel-run.js";
import type { RunHandle } from "./run-handle.js";

/** Whose runs of which time to measure, day by day. */
export interface DailyMetricsRequest {
  readonly credentialIds: readonly string[];
  /** Started at or after, in epoch milliseconds. */
  readonly from: number;
  /** Started before, in epoch milliseconds. */
  readonly to: number;
}

/** Runs of all processes that share the storage: those in progress and those that have ended. Dry runs are not stored. */
export interface Runs {
  /** `null` when there is none with this id. */
  find(runId: string): Promise<StoredRun | null>;
  /** The run of a credential that is running or paused; `null` when there is none. */
  findCurrent(credentialId: string): Promise<StoredRun | null>;
  /** Newest first. */
  list(filter: RunFilter, page: PageRequest): Promise<Page<StoredRun>>;
  /** How the runs that match performed. Only runs that have ended count. */
  metrics(filter: RunFilter): Promise<RunMetrics>;
  /** The same by credential and day in UTC; days without runs are left out. */
  dailyMetrics(request: DailyMetricsRequest): Promise<readonly DailyRunMetrics[]>;
  /**
   * Cancels a run, whoever works on it: one of this instance at once, one of another process with its owner's next
   * heartbeat, one that nobody works on (paused, or its owner died) by ending it. Resolves when it has stopped or its
   * owner was asked. It is over then: the next sync goes on from the feeds' cursors, a full one begins again. Dry runs are cancelled by their handles only.
   * @throws {@link ValidationError} for an unusable request or an unknown run.
   */
  cancel(request: CancelRequest): Promise<CancelResult>;
}

export interface RunsOptions {
  readonly store: Pick<
    Storage,
    "findRun" | "findCurrentRun" | "listRuns" | "runMetrics" | "dailyRunMetrics" | "requestRunCancellation"
  >;
  readonly auditor: Auditor;
  /** The run of this instance with this id, while it goes on. */
  readonly findOwn: (runId: string) => Pick<RunHandle, "cancel" | "result"> | null;
}

export function createRuns(options: RunsOptions): Runs {
  const { store } = options;
  return {
    find: (runId) => store.findRun(runId),
    findCurrent: (credentialId) => store.findCurrentRun(credentialId),
    list: (filter, page) => store.listRuns(filter, page),
    metrics: (filter) => store.runMetrics(filter),
    dailyMetrics: (request) => store.dailyRunMetrics(request),
    cancel: (request) => cancelRun(options, request),
  };
}
