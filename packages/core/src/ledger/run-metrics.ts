import type { RunMetrics, RunTotals } from "../ports/run-history.js";
import type { RunStatus } from "../ports/sync-run.js";

/** Runs with these statuses succeeded: metrics take durations and rows from them alone. */
export const successfulStatuses: readonly RunStatus[] = ["completed", "partial"];

/**
 * The rank of a percentile among ascending values, from 1: the smallest value that at least this share of them does not
 * exceed. `percentile_disc` of SQL is the same.
 * @param share - More than 0, at most 1.
 */
export function percentileRank(count: number, share: number): number {
  return Math.ceil(share * count);
}

export function toRunMetrics(totals: RunTotals): RunMetrics {
  const { runs, succeeded, rowsRead, durationMs, p50DurationMs, p95DurationMs } = totals;
  return {
    runs,
    successRate: runs === 0 ? null : succeeded / runs,
    p50DurationMs,
    p95DurationMs,
    rowsPerSecond: durationMs === 0 ? null : (rowsRead * 1000) / durationMs,
  };
}
