import type { CredentialSummary } from "@titan-sync/core";
import type { Principal } from "../access/principal.js";
import { ProblemError } from "../http/problem.js";
import type { Answer, Call } from "./route.js";

/** Stops the sync of a credential that is in progress, or else its dry run, and waits until it has stopped. */
export async function cancelSync(
  call: Pick<
    Call<CredentialSummary, unknown, unknown, Principal>,
    "services" | "principal" | "subject" | "requestId"
  >,
): Promise<Answer> {
  const { services, principal, subject, requestId } = call;
  const { titan, dispatcher, dryRuns, audit } = services;
  const { id: credentialId, companyId } = subject;
  const current = await titan.history.findCurrentRun(credentialId);
  const isInProgress = current !== null && current.status !== "paused";
  const queued = isInProgress ? null : ((await dispatcher.findQueued?.({ credentialId })) ?? null);
  const dispatchedId = isInProgress ? current.id : (queued?.runId ?? null);
  const runId = dispatchedId ?? dryRuns.findCurrent(credentialId)?.run.id;
  if (runId === undefined) {
    throw new ProblemError("CONFLICT", { detail: "No sync of this credential is in progress." });
  }
  const isCancelled =
    dispatchedId === null
      ? await dryRuns.cancel(runId)
      : await dispatcher.cancel({ credentialId, runId, actor: principal.id });
  await audit({
    actor: principal.id,
    action: "sync:stop",
    subject: runId,
    companyId,
    outcome: isCancelled ? "success" : "failure",
    requestId,
    details: { credentialId },
  });
  if (isCancelled) return { status: 200, body: { runId } };
  const detail = "The sync is executed by another process, which cannot be reached from here.";
  throw new ProblemError("CONFLICT", { detail, runId });
}
