import { addRecordFigures, noRecordFigures } from "../ledger/figures.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { RunLedger } from "./run-handle.js";

/** A stored run's figures, with their sums over both record types; `failed` has the rejected rows of feeds as well. */
export function ledgerOf(run: Pick<StoredRun, "feeds" | "records">): RunLedger {
  const sum = Object.values(run.records).reduce(addRecordFigures, noRecordFigures);
  return {
    feeds: run.feeds,
    records: run.records,
    processed: sum.derived,
    successful: sum.delivered,
    failed: sum.rejected + Object.values(run.feeds).reduce((rows, feed) => rows + feed.rejected, 0),
    unchanged: sum.unchanged,
  };
}
