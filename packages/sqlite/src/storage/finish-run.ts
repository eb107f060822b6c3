import type { RunFailure, RunRequest, RunStatus, RunWarning } from "@titan-sync/core";
import { StorageError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

interface Sums {
  readonly startedAt: number;
  readonly request: string;
  readonly rowsRead: number;
  readonly derived: number;
  readonly rejected: number;
  /** Rows and records that it changed, or could not. */
  readonly touched: number;
}

/** Ends a run for good. What it had seen is of no use any more, and is to be taken away. */
export function finishRun(
  statements: Statements,
  runNumber: number,
  status: Exclude<RunStatus, "queued" | "running" | "paused">,
  {
    warnings,
    error,
    now,
  }: {
    /** `null` keeps those that there are. */
    readonly warnings: readonly RunWarning[] | null;
    readonly error: RunFailure | null;
    readonly now: number;
  },
): void {
  const sums = statements.get<Sums>(
    `SELECT started_at AS startedAt, request,
      (SELECT coalesce(sum(read), 0) FROM run_feeds WHERE run_number = ?1) AS rowsRead,
      (SELECT coalesce(sum(derived), 0) FROM run_records WHERE run_number = ?1) AS derived,
      (SELECT coalesce(sum(rejected), 0) FROM run_records WHERE run_number = ?1) AS rejected,
      (SELECT coalesce(sum(landed + rejected), 0) FROM run_feeds WHERE run_number = ?1)
        + (SELECT coalesce(sum(delivered + rejected), 0) FROM run_records WHERE run_number = ?1) AS touched
    FROM runs WHERE run_number = ?1`,
    runNumber,
  );
  if (sums === undefined) throw new StorageError("A run disappeared while it ended.");
  const { mode } = JSON.parse(sums.request) as RunRequest;
  statements.run(
    `UPDATE runs SET status = ?2, warnings = coalesce(?3, warnings), error = ?4, updated_at = ?5, completed_at = ?5,
      duration_ms = ?6, rows_read = ?7, records_derived = ?8, records_rejected = ?9, idle = ?10
    WHERE run_number = ?1`,
    runNumber,
    status,
    warnings === null ? null : JSON.stringify(warnings),
    error === null ? null : JSON.stringify(error),
    now,
    now - sums.startedAt,
    sums.rowsRead,
    sums.derived,
    sums.rejected,
    status === "completed" && mode === "incremental" && sums.touched === 0,
  );
  statements.run("DELETE FROM run_places WHERE run_number = ?1", runNumber);
}
