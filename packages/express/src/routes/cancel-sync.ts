import type { CredentialSummary, StoredRun } from "@titan-sync/core";
import type { Principal } from "../access/principal.js";
import { ProblemError } from "../http/problem.js";
import type { Answer, Call } from "./route.js";

type CancelCall = Pick<
  Call<CredentialSummary, unknown, unknown, Principal>,
  "services" | "principal" | "subject" | "requestId"
>;

/**
 * Cancels a credential's current work: the running or queued sync, or else the dry run, or else the paused sync. Waits
 * until it has stopped, unless another process executes it: then that process is asked to stop.
 */
export async function cancelSync(call: CancelCall): Promise<Answer> {
  const { services, principal, subject } = call;
  const { titan, dispatcher, dryRuns } = services;
  const { id: credentialId } = subject;
  const current = await titan.runs.findCurrent(credentialId);
  if (current !== null && current.status !== "paused") return await cancelDispatched(call, current.id);
  const queued = (await dispatcher.findQueued?.({ credentialId })) ?? null;
  if (queued !== null) return await cancelDispatched(call, queued.runId);
  const dryRun = dryRuns.findCurrent(credentialId);
  if (dryRun !== null && (await dryRuns.cancel(dryRun.run.id, principal.id))) {
    return await recordStopped(call, dryRun.run.id);
  }
  if (current !== null) return await cancelStored(call, current);
  throw new ProblemError("CONFLICT", { detail: "No sync of this credential is in progress." });
}

/** By the executing dispatcher, if it can reach the run. */
async function cancelDispatched(call: CancelCall, runId: string): Promise<Answer> {
  const { services, principal, subject } = call;
  const { titan, dispatcher } = services;
  if (await dispatcher.cancel({ credentialId: subject.id, runId, actor: principal.id })) {
    return await recordStopped(call, runId);
  }
  return await cancelStored(call, await titan.runs.find(runId));
}

/** Through the storage, which records who asked. */
async function cancelStored(
  { services, principal, subject: { companyId }, requestId }: CancelCall,
  run: Pick<StoredRun, "id"> | null,
): Promise<Answer> {
  if (run === null) throw tooLate(undefined);
  const asked = { runId: run.id, companyId, actor: principal.id, requestId };
  const { runId, outcome } = await services.titan.runs.cancel(asked);
  if (outcome === "ended") throw tooLate(runId);
  return { status: outcome === "requested" ? 202 : 200, body: { runId, outcome } };
}

async function recordStopped(
  { services, principal, subject, requestId }: CancelCall,
  runId: string,
): Promise<Answer> {
  const outcome = "cancelled";
  await services.audit({
    actor: principal.id,
    action: "sync:stop",
    subject: runId,
    companyId: subject.companyId,
    outcome: "success",
    requestId,
    details: { credentialId: subject.id, outcome },
  });
  return { status: 200, body: { runId, outcome } };
}

function tooLate(runId: string | undefined): ProblemError {
  const detail = "The sync ended before it could be canceled.";
  return new ProblemError("CONFLICT", runId === undefined ? { detail } : { detail, runId });
}
