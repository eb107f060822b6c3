import { ConfigError, type RunStatus, TitanSyncError, ValidationError } from "@titan-sync/core";
import { UsageError } from "./usage-error.js";

/** What the program's exit codes mean. Scripts depend on them. */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  partial: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codeOfStatus: Readonly<Record<RunStatus, ExitCode>> = {
  completed: exitCodes.success,
  paused: exitCodes.success,
  partial: exitCodes.partial,
  failed: exitCodes.failure,
  cancelled: exitCodes.interrupted,
  // A run that is reported has ended; these mean that its end was never seen.
  queued: exitCodes.failure,
  running: exitCodes.failure,
  lost: exitCodes.failure,
};

/** The exit code of one run. */
export function exitCodeOfStatus(status: RunStatus): ExitCode {
  return codeOfStatus[status];
}

/** The exit code of several runs: theirs when they agree, else 3; a stopped program is always 130. */
export function combineExitCodes(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(exitCodes.interrupted)) return exitCodes.interrupted;
  const [first = exitCodes.success, ...others] = codes;
  return others.every((code) => code === first) ? first : exitCodes.partial;
}

/** The exit code of a command that threw. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  if (!TitanSyncError.is(error)) return exitCodes.failure;
  if (error instanceof ConfigError || error instanceof ValidationError) return exitCodes.usage;
  return error.code === "ABORTED" ? exitCodes.interrupted : exitCodes.failure;
}
