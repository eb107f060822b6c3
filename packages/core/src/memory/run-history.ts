import { percentileRank, successfulStatuses } from "../ledger/run-metrics.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { DailyRunMetrics, RunFilter, RunTotals } from "../ports/run-history.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";
import { compareText } from "./compare-ids.js";
import type { Journal } from "./journal.js";

/**
 * Newest first.
 * @param shown - A run as it is seen now.
 */
export function listRuns(
  runs: Journal<StoredRun>,
  filter: RunFilter,
  page: PageRequest,
  shown: (run: StoredRun) => StoredRun,
): Page<StoredRun> {
  const { items, next } = runs.page((run) => matches(shown(run), filter), page);
  return { items: items.map(shown), next };
}

export function sumRuns(runs: Journal<StoredRun>, filter: RunFilter): RunTotals {
  const ended = runs.newestFirst().filter((run) => run.completedAt !== null && matches(run, filter));
  const succeeded = ended.filter(isSuccessful);
  const durations = succeeded.map(durationMs).sort((left, right) => left - right);
  return {
    runs: ended.length,
    succeeded: succeeded.length,
    rowsRead: succeeded.reduce((sum, run) => sum + rowsRead(run), 0),
    durationMs: durations.reduce((sum, duration) => sum + duration, 0),
    p50DurationMs: percentile(durations, 0.5),
    p95DurationMs: percentile(durations, 0.95),
  };
}

/** By credential and day. */
export function measureDays(
  runs: Journal<StoredRun>,
  { credentialIds, from, to }: Parameters<Storage["dailyRunMetrics"]>[0],
): readonly DailyRunMetrics[] {
  const days = new Map<string, StoredRun[]>();
  for (const run of runs.newestFirst()) {
    if (run.completedAt === null || !credentialIds.includes(run.credentialId)) continue;
    if (!matches(run, { from, to })) continue;
    const key = JSON.stringify([run.credentialId, dayOf(run)]);
    days.set(key, [...(days.get(key) ?? []), run]);
  }
  return [...days.keys()].sort(compareText).map((key) => measureDay(days.get(key) ?? []));
}

function measureDay(runs: readonly StoredRun[]): DailyRunMetrics {
  const [first] = runs;
  if (first === undefined) throw new Error("A day without runs was measured.");
  const succeeded = runs.filter(isSuccessful);
  const figures = runs.flatMap((run) => Object.values(run.records));
  const durations = succeeded.map(durationMs).sort((left, right) => left - right);
  return {
    credentialId: first.credentialId,
    day: dayOf(first),
    runs: runs.length,
    succeeded: succeeded.length,
    rowsRead: runs.reduce((sum, run) => sum + rowsRead(run), 0),
    derived: figures.reduce((sum, { derived }) => sum + derived, 0),
    rejected: figures.reduce((sum, { rejected }) => sum + rejected, 0),
    p50DurationMs: percentile(durations, 0.5),
  };
}

const isSuccessful = (run: StoredRun): boolean => successfulStatuses.includes(run.status);

const dayOf = (run: StoredRun): string => new Date(run.startedAt).toISOString().slice(0, 10);

function matches(run: StoredRun, filter: RunFilter): boolean {
  return (
    (filter.companyId === undefined || run.scope.companyId === filter.companyId) &&
    (filter.companyIds === undefined || filter.companyIds.includes(run.scope.companyId)) &&
    (filter.credentialId === undefined || run.credentialId === filter.credentialId) &&
    (filter.status === undefined || run.status === filter.status) &&
    (filter.type === undefined || run.type === filter.type) &&
    (filter.data === undefined || run.request.data === filter.data) &&
    (filter.from === undefined || run.startedAt >= filter.from) &&
    (filter.to === undefined || run.startedAt < filter.to)
  );
}

function durationMs(run: StoredRun): number {
  return (run.completedAt ?? run.startedAt) - run.startedAt;
}

function rowsRead(run: StoredRun): number {
  return Object.values(run.feeds).reduce((sum, figures) => sum + figures.read, 0);
}

function percentile(ascending: readonly number[], share: number): number | null {
  return ascending[percentileRank(ascending.length, share) - 1] ?? null;
}
