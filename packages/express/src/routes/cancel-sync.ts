import type { CredentialSummary, StoredRun } from "@titan-sync/core";
import type { Principal } from "../access/principal.js";
import { ProblemError } from "../http/problem.js";
import type { Answer, Call } from "./route.js";

type CancelCall = Pick<
  Call<CredentialSummary, unknown, unknown, Principal>,
  "services" | "principal" | "subject" | "requestId"
>;

/**
 * Cancels what a credential has in hand: the sync that runs or waits, or else the dry run, or else the paused sync.
 * Waits until it has stopped, unless another process works on it: that one is asked.
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

/** By whoever executes it, where that is within reach. */
async function cancelDispatched(call: CancelCall, runId: string): Promise<Answer> {
  const { services, principal, subject } = call;
  const { titan, dispatcher } = services;
  if (await dispatcher.cancel({ credentialId: subject.id, runId, actor: principal.id })) {
    return await recordStopped(call, runId);
  }
  return await cancelStored(call, await titan.runs.find(runId));
}

/** By way of the storage. Who asked is noted there. */
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
  const detail = "The sync had ended before it could be cancelled.";
  return new ProblemError("CONFLICT", runId === undefined ? { detail } : { detail, runId });
}
