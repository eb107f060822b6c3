import type { EndStatus, RunFailure, RunWarning } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** Ends a run permanently. What it had seen is no longer needed, and is deleted. */
export function finishRun(
  statements: Statements,
  runNumber: number,
  status: Exclude<EndStatus, "paused">,
  {
    warnings,
    error,
    now,
  }: {
    /** `null` keeps the existing ones. */
    readonly warnings: readonly RunWarning[] | null;
    readonly error: RunFailure | null;
    readonly now: number;
  },
): void {
  statements.run(
    `UPDATE runs SET status = ?2, warnings = coalesce(?3, warnings), error = ?4, updated_at = ?5, completed_at = ?5,
      duration_ms = ?5 - started_at,
      rows_read = (SELECT coalesce(sum(read), 0) FROM run_feeds WHERE run_number = ?1),
      (records_derived, records_rejected) = (
        SELECT coalesce(sum(derived), 0), coalesce(sum(rejected), 0) FROM run_records WHERE run_number = ?1
      )
    WHERE run_number = ?1`,
    runNumber,
    status,
    warnings === null ? null : JSON.stringify(warnings),
    error === null ? null : JSON.stringify(error),
    now,
  );
  statements.run("DELETE FROM run_places WHERE run_number = ?1", runNumber);
}
