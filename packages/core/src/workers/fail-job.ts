import { createAuditor } from "../audit/auditor.js";
import { ConflictError } from "../errors.js";
import type { QueuedJob } from "../ports/job-queue.js";
import type { Logger } from "../ports/logger.js";
import type { RunFailure, StoredRun } from "../ports/sync-run.js";
import { runRequestOfJob } from "./sync-of-job.js";
import type { WorkerStorage } from "./worker-storage.js";

/** Long enough to store an end. */
const leaseMs = 30_000;

/**
 * Ends the run of a job `failed`; if it never began, it is stored as one that failed, so that its id is in the history.
 * Does nothing if the run has ended or the credential no longer exists.
 * @throws {@link ConflictError} while somebody holds the credential's lease.
 */
export async function failJob(
  { storage, logger }: { readonly storage: WorkerStorage; readonly logger: Logger },
  job: QueuedJob,
  error: RunFailure,
): Promise<void> {
  const { credentialId } = job;
  const credential = await storage.findCredential(credentialId);
  if (credential === null) return;
  const known = await storage.findRun(job.runId);
  if (known !== null && known.completedAt !== null) return;
  const { companyId, environment, tenantId } = credential;
  const ended = known?.status === "lost" ? await storage.endLostRun({ runId: known.id, error }) : null;
  if (ended !== null) return await noteInAudit({ storage, logger }, job, ended, error);
  try {
    const { lease, run } = await storage.beginRun({
      credentialId,
      scope: known?.scope ?? { companyId, environment, tenantId },
      type: job.type,
      request: known?.request ?? runRequestOfJob(job),
      runId: known?.id ?? job.runId,
      leaseMs,
    });
    await storage.endRun({ lease, status: "failed", warnings: run.warnings, error });
    if (run.id !== job.runId) await storage.recordAcceptedRun({ acceptedId: job.runId, runId: run.id });
    await noteInAudit({ storage, logger }, job, run, error);
  } catch (conflict) {
    if (!(conflict instanceof ConflictError) || conflict.leaseEndsInMs !== null) throw conflict;
    if (known === null) throw conflict;
    // The credential is of another tenant by now: nobody can continue the run.
    await storage.requestRunCancellation({ companyId, runId: known.id, actor: job.actor });
  }
}

async function noteInAudit(
  { storage, logger }: { readonly storage: WorkerStorage; readonly logger: Logger },
  { actor }: QueuedJob,
  { id, credentialId, scope: { companyId } }: StoredRun,
  { code }: RunFailure,
): Promise<void> {
  await createAuditor(storage, logger).record({
    actor,
    subject: id,
    companyId,
    action: "sync:end",
    outcome: "failure",
    details: { credentialId, status: "failed", code },
  });
}
