import type { StoredRun } from "../ports/sync-run.js";
import { addRecordFigures, noRecordFigures } from "./figures.js";
import type { RunLedger } from "./run-handle.js";

/** A stored run's figures, with their sums over both record types. */
export function ledgerOf(run: Pick<StoredRun, "feeds" | "records">): RunLedger {
  const sum = Object.values(run.records).reduce(addRecordFigures, noRecordFigures);
  return {
    feeds: run.feeds,
    records: run.records,
    processed: sum.derived,
    successful: sum.delivered,
    failed: sum.rejected,
    unchanged: sum.unchanged,
  };
}
