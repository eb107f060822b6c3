import type { Enqueued } from "../ports/job-queue.js";
import type { StartDecision, StartLedgerEntry } from "../ports/start-ledger.js";

/**
 * The entries of a decision after its job was offered to the queue: if a sync of the credential was waiting already, that
 * one does the work, and the start was skipped.
 */
export function settleEntries(
  { entries, job }: Pick<StartDecision, "entries" | "job">,
  enqueued: Enqueued | null,
): readonly StartLedgerEntry[] {
  if (job === null || enqueued === null) return entries;
  return entries.map((entry): StartLedgerEntry => {
    if (entry.runId !== job.runId) return entry;
    const ofRun = { ...entry, runId: enqueued.runId };
    const isStart = entry.outcome === "queued" || entry.outcome === "delayed";
    return isStart && enqueued.outcome !== "queued"
      ? { ...ofRun, outcome: "skipped", reason: "overlap" }
      : ofRun;
  });
}
