import { type TenantOutcome, TitanSyncError } from "@titan-sync/core";
import { type ExitCode, exitCodeOfError, exitCodeOfStatus, exitCodes } from "../program/exit-codes.js";

/** What a command exits with for one credential. */
export function exitCodeOfOutcome({ status, result, cause }: TenantOutcome, signal: AbortSignal): ExitCode {
  if (result !== null || status !== "failed") return exitCodeOfStatus(status);
  return signal.aborted ? exitCodes.interrupted : exitCodeOfError(cause);
}

/** The last line that a program reads about a credential that had no run, or none whose end is known. */
export function endWithoutRun(outcome: TenantOutcome, signal: AbortSignal) {
  const { credentialId, companyId, status } = outcome;
  return {
    event: "run:end",
    runId: null,
    credentialId,
    companyId,
    status: exitCodeOfOutcome(outcome, signal) === exitCodes.interrupted ? "cancelled" : status,
    processed: 0,
    successful: 0,
    failed: 0,
    unchanged: 0,
    durationMs: 0,
    warnings: [],
    error: failureOf(outcome),
  };
}

function failureOf({ status, cause }: TenantOutcome) {
  if (status === "cancelled") return { code: "ABORTED", message: "The work was stopped.", hint: null };
  if (status !== "failed") return null;
  const known = TitanSyncError.is(cause);
  return {
    code: known ? cause.code : "UNEXPECTED",
    message: known ? cause.message : "The run ended unexpectedly; see standard error.",
    hint: known ? cause.hint : null,
  };
}
