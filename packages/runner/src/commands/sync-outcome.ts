import { type TenantOutcome, TitanSyncError } from "@titan-sync/core";
import { countOf, formatCount } from "../output/format.js";
import { type ExitCode, exitCodeOfError, exitCodeOfStatus, exitCodes } from "../program/exit-codes.js";

/** What a command exits with for one credential. */
export function exitCodeOfOutcome({ status, result, cause }: TenantOutcome, signal: AbortSignal): ExitCode {
  if (result !== null || status !== "failed") return exitCodeOfStatus(status);
  return signal.aborted ? exitCodes.interrupted : exitCodeOfError(cause);
}

/** `40 credentials: 37 completed, 2 partial, 1 failed`. */
export function summariseOutcomes(outcomes: readonly Pick<TenantOutcome, "status">[]): string {
  const counts = new Map<string, number>();
  for (const { status } of outcomes) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].toSorted(([, left], [, right]) => right - left);
  return `${countOf(outcomes.length, "credential")}: ${parts.map(([status, count]) => `${formatCount(count)} ${status}`).join(", ")}`;
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
