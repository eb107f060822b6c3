import type { Auditor } from "../audit/auditor.js";
import { workerLost } from "../ledger/lost-run.js";
import type { Storage } from "../ports/storage.js";
import type { StoredRun } from "../ports/sync-run.js";

/** Ends a run whose worker is gone with that as its cause. See {@link Runs.endLost}. */
export async function endLostRun(
  { store, auditor }: { readonly store: Pick<Storage, "findRun" | "endLostRun">; readonly auditor: Auditor },
  runId: string,
  actor: string,
): Promise<StoredRun | null> {
  const run = await store.findRun(runId);
  if (run?.status !== "lost") return null;
  const ended = await store.endLostRun({ runId, error: workerLost(run) });
  if (ended === null) return null;
  await auditor.record({
    actor,
    action: ended.status === "cancelled" ? "sync:cancel" : "sync:end",
    subject: runId,
    companyId: ended.scope.companyId,
    outcome: ended.status === "cancelled" ? "success" : "failure",
    details: { status: ended.status, code: ended.error?.code ?? null },
  });
  return ended;
}
