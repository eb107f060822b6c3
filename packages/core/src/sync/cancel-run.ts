import { z } from "zod";
import type { Auditor } from "../audit/auditor.js";
import { checkRequest } from "../check-request.js";
import { ValidationError } from "../errors.js";
import type { CancelOutcome } from "../ports/run-store.js";
import type { Storage } from "../ports/storage.js";
import type { RunHandle } from "./run-handle.js";

/** Which run to cancel. */
export interface CancelRequest {
  readonly runId: string;
  /** Treats a run of another company as unknown. @defaultValue any company's run is canceled */
  readonly companyId?: string | undefined;
  /** Who requested it, for the audit log and the owner of the run. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The id of the request, for the audit log. */
  readonly requestId?: string | undefined;
}

/** The outcome of canceling a run. */
export interface CancelResult {
  readonly runId: string;
  /**
   * `cancelled`: the run has ended. `requested`: another process executes it, notices the request within a third of a
   * lease (10 seconds by default), and rolls back or finishes the current batch; if that process is dead, the run ends
   * when the next sync begins. `ended`: it had already ended, or ended otherwise before it could be canceled.
   */
  readonly outcome: CancelOutcome;
}

export interface CancelOptions {
  readonly store: Pick<Storage, "findRun" | "requestRunCancellation">;
  readonly auditor: Auditor;
  /** The run of this instance with this id, while it continues. */
  readonly findOwn: (runId: string) => Pick<RunHandle, "cancel" | "result"> | null;
}

const requestSchema = z.strictObject({
  runId: z.string().min(1),
  companyId: z.string().min(1).optional(),
  actor: z.string().min(1).default("system"),
  requestId: z.string().optional(),
});

/**
 * Cancels a run of any process.
 * @throws {@link ValidationError} with every mistake at once in `issues`, or for a run that does not exist.
 */
export async function cancelRun(
  { store, auditor, findOwn }: CancelOptions,
  request: CancelRequest,
): Promise<CancelResult> {
  const {
    runId: acceptedId,
    companyId,
    actor,
    requestId,
  } = checkRequest(requestSchema, request, "cancellation");
  const run = await store.findRun(acceptedId);
  const isForeign = companyId !== undefined && run?.scope.companyId !== companyId;
  if (run === null || isForeign) throw unknownRun();
  const { id: runId, scope, credentialId } = run;
  const asked = await store.requestRunCancellation({ companyId: scope.companyId, runId, actor });
  if (asked === null) throw unknownRun();
  const own = asked === "requested" ? findOwn(runId) : null;
  const outcome = own === null ? asked : await cancelOwn(own, actor);
  await auditor.record({
    actor,
    requestId,
    action: "sync:stop",
    subject: runId,
    companyId: scope.companyId,
    outcome: outcome === "ended" ? "failure" : "success",
    details: { credentialId, outcome },
  });
  return { runId, outcome };
}

/** At once, without waiting for the next heartbeat. */
async function cancelOwn(run: Pick<RunHandle, "cancel" | "result">, actor: string): Promise<CancelOutcome> {
  await run.cancel(actor);
  try {
    const { status } = await run.result;
    return status === "cancelled" ? "cancelled" : "ended";
  } catch {
    // Its end could not be stored; its own result says so. The next owner of its lease finds the request.
    return "requested";
  }
}

function unknownRun(): ValidationError {
  return new ValidationError("No run with this id exists.");
}
