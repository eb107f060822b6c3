import { ConflictError, LeaseLostError } from "./errors.js";

// What every storage and queue refuses, in the same words.

/** Somebody else changed or removed what a caller wanted to change, since the caller read it. */
export function changedMeanwhile(what: "credential" | "schedule or its credential"): ConflictError {
  return new ConflictError(`The ${what} was changed or removed since it was read.`, {
    hint: "Read it again and repeat the change.",
  });
}

export function credentialTaken(): ConflictError {
  return new ConflictError("The company already has a credential for this environment, or the id is taken.");
}

export function credentialUnknown(): ConflictError {
  return new ConflictError("The credential is unknown.");
}

export function credentialBeingRemoved(): ConflictError {
  return new ConflictError("The credential is being removed with its data.", {
    hint: "Remove it with its data again: the removal continues where it was interrupted.",
  });
}

export function runIdTaken(runId: string): ConflictError {
  return new ConflictError(`The run id ${runId} is taken.`, { runId });
}

/** A queue that dispatches a run again must not undo its cancellation. */
export function runCanceled(runId: string): ConflictError {
  return new ConflictError(`Run ${runId} was canceled.`, { runId });
}

export function runInProgress(runId: string, leaseEndsInMs: number): ConflictError {
  return new ConflictError(`Run ${runId} of this credential is in progress.`, {
    runId,
    leaseEndsInMs: Math.max(0, Math.ceil(leaseEndsInMs)),
  });
}

export function leaseLost(runId: string): LeaseLostError {
  return new LeaseLostError(`The lease of run ${runId} has expired or belongs to another owner.`);
}
