import type { FeedFigures, FeedName, RecordFigures, StoredRun } from "@titan-sync/core";

export const feedFigures = (read: number): FeedFigures => ({
  pages: 1,
  read,
  landed: read,
  unchanged: 0,
  superseded: 0,
  suppressed: 0,
  rejected: 0,
});

export const recordFigures = (derived: number): RecordFigures => ({
  derived,
  delivered: derived,
  removed: 0,
  unchanged: 0,
  leftOut: 0,
  rejected: 0,
  warned: 0,
});

/** A run that has just begun, unless said otherwise. */
export function storedRun(given: Partial<StoredRun> = {}): StoredRun {
  return {
    id: "run-1",
    credentialId: "credential-1",
    scope: { companyId: "acme", environment: "production", tenantId: "1" },
    type: "manual",
    request: {
      data: "both",
      mode: "incremental",
      fresh: false,
      rederive: false,
      range: null,
      allowRemovals: false,
    },
    status: "running",
    startedAt: 1_000,
    updatedAt: 2_000,
    completedAt: null,
    feeds: {} as Record<FeedName, FeedFigures>,
    lastFeed: null,
    records: {},
    warnings: [],
    error: null,
    handedOver: 0,
    worker: { id: "worker-1", host: "sync-1", pid: 42, version: "1.0.0" },
    ...given,
  };
}
