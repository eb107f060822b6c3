import { type RunLedger, type TenantOutcome, TitanSyncError } from "@titan-sync/core";
import { countOf, formatCount } from "../output/format.js";
import { type ExitCode, exitCodeOfError, exitCodeOfStatus, exitCodes } from "../program/exit-codes.js";

/** What a command exits with for one credential. */
export function exitCodeOfOutcome({ status, result, cause }: TenantOutcome, signal: AbortSignal): ExitCode {
  if (result !== null || status !== "failed") return exitCodeOfStatus(status);
  return signal.aborted ? exitCodes.interrupted : exitCodeOfError(cause);
}

/** `40 credentials: 37 completed, 2 partial, 1 not begun. 1,200 rows read; 900 records delivered, 0 rejected`. */
export function summariseOutcomes(outcomes: readonly Pick<TenantOutcome, "status" | "result">[]): string {
  if (outcomes.length === 0) return "0 credentials: nothing was synced.";
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = nameOf(outcome);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].toSorted(([, left], [, right]) => right - left);
  const ledgers = outcomes.flatMap(({ result }) => (result === null ? [] : [result.ledger]));
  const sum = (figure: (ledger: RunLedger) => number): number =>
    ledgers.reduce((total, ledger) => total + figure(ledger), 0);
  const rows = sum(({ feeds }) => Object.values(feeds).reduce((total, { read }) => total + read, 0));
  return [
    `${countOf(outcomes.length, "credential")}: ${parts.map(([name, count]) => `${formatCount(count)} ${name}`).join(", ")}.`,
    `${countOf(rows, "row")} read; ${countOf(
      sum(({ successful }) => successful),
      "record",
    )} delivered,`,
    `${formatCount(sum(({ failed }) => failed))} rejected`,
  ].join(" ");
}

/** What was canceled or paused before it had a run left nothing behind. */
function nameOf({ status, result }: Pick<TenantOutcome, "status" | "result">): string {
  return result === null && status !== "failed" ? "not begun" : status;
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
