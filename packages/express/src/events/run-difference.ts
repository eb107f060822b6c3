import {
  type EventBase,
  type FeedName,
  ledgerOf,
  type RecordType,
  type RunStatus,
  type StoredRun,
  type SyncEvent,
} from "@titan-sync/core";

/** The speed of a run cannot be determined from two polls. */
const unknownThroughput = { rowsPerSecond: null, total: null, secondsLeft: null };

/**
 * The events that lead from one look at a stored run to the next. `null` is no look yet: then they lead up to
 * the run as it is, which is also what a new reader needs.
 */
export function eventsBetween(before: StoredRun | null, now: StoredRun): readonly SyncEvent[] {
  const base: EventBase = {
    runId: now.id,
    credentialId: now.credentialId,
    companyId: now.scope.companyId,
    at: now.updatedAt,
  };
  const events: SyncEvent[] = [];
  if (before === null || (!isUnderWay(before.status) && isUnderWay(now.status))) {
    const { data, mode, rederive, replay = false } = now.request;
    const kind = { data, mode, resumed: before !== null, dryRun: false, rederive, replay };
    events.push({ ...base, at: now.startedAt, event: "run:start", ...kind });
  }
  for (const [feed, figures] of Object.entries(now.feeds) as [FeedName, StoredRun["feeds"][FeedName]][]) {
    if (figures.read === 0 || isEqual(figures, before?.feeds[feed])) continue;
    events.push({ ...base, ...unknownThroughput, event: "batch:landed", feed, figures });
  }
  for (const record of Object.keys(now.records) as RecordType[]) {
    const figures = now.records[record];
    if (figures === undefined || isEqual(figures, before?.records[record])) continue;
    events.push({ ...base, ...unknownThroughput, event: "batch:delivered", record, figures });
  }
  if (!isUnderWay(now.status) && (before === null || before.status !== now.status)) {
    events.push(endOf(now, base));
  }
  return events;
}

/** Whether a run has not ended: a lost one is continued or ended soon. */
export function isUnderWay(status: RunStatus): boolean {
  return status === "running" || status === "queued" || status === "lost";
}

function endOf(run: StoredRun, base: EventBase): SyncEvent {
  const { processed, successful, failed, unchanged } = ledgerOf(run);
  return {
    ...base,
    event: "run:end",
    status: run.status,
    processed,
    successful,
    failed,
    unchanged,
    durationMs: Math.max(0, (run.completedAt ?? run.updatedAt) - run.startedAt),
    warnings: run.warnings,
    error: run.error,
  };
}

function isEqual(left: object, right: object | undefined): boolean {
  return right !== undefined && JSON.stringify(left) === JSON.stringify(right);
}
