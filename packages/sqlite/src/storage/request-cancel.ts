import type { CancelOutcome, CancelParams } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { finishRun } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";

/** Has the owner of a run cancel it, or ends a run that nobody owns. */
export async function requestCancel(
  database: Database,
  { companyId, runId, actor }: CancelParams,
): Promise<CancelOutcome | null> {
  const { outcome, ended } = await database.transaction<{
    readonly outcome: CancelOutcome | null;
    readonly ended: number | null;
  }>(
    (transaction) => {
      const now = database.now();
      const run = transaction.get<{ runNumber: number; completedAt: number | null }>(
        "SELECT run_number AS runNumber, completed_at AS completedAt FROM runs WHERE run_id = ?1 AND company_id = ?2",
        runId,
        companyId,
      );
      if (run === undefined) return { outcome: null, ended: null };
      const told = transaction.run(
        `UPDATE leases SET cancel_requested_by = coalesce(cancel_requested_by, ?2)
        WHERE run_number = ?1 AND expires_at > ?3`,
        run.runNumber,
        actor,
        now,
      );
      if (told > 0) return { outcome: "requested", ended: null };
      if (run.completedAt !== null) return { outcome: "ended", ended: null };
      finishRun(transaction, run.runNumber, "cancelled", { warnings: null, error: null, now });
      return { outcome: "cancelled", ended: run.runNumber };
    },
    { urgent: true },
  );
  if (ended !== null) await forgetSeenOf(database, ended).catch(() => undefined);
  return outcome;
}
