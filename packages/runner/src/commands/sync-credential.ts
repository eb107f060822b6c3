import {
  type Clock,
  type CredentialSummary,
  type RunResult,
  type SyncEvent,
  type SyncRequest,
  type TitanSync,
  TitanSyncError,
} from "@titan-sync/core";
import { type ExitCode, exitCodeOfError, exitCodeOfStatus, exitCodes } from "../program/exit-codes.js";
import { startRun } from "./start-run.js";

/** What became of one credential's sync. */
export type SyncOutcome =
  | { readonly kind: "ended"; readonly exitCode: ExitCode; readonly result: RunResult }
  /** The run did not start, or its end is unknown. */
  | { readonly kind: "refused"; readonly exitCode: ExitCode; readonly error: unknown };

export interface SyncCredentialOptions {
  readonly titan: Pick<TitanSync, "sync">;
  readonly request: Omit<SyncRequest, "credentialId" | "signal">;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Gets every event of the run, in order. */
  readonly report: (event: SyncEvent) => Promise<void>;
  /** Told that another process's run stands in the way for so long. */
  readonly onWait: (leftMs: number) => void;
}

/** Runs one credential's sync to its end. Errors become outcomes: other credentials go on. */
export async function syncCredential(
  credential: CredentialSummary,
  { titan, request, signal, clock, report, onWait }: SyncCredentialOptions,
): Promise<SyncOutcome> {
  try {
    const run = await startRun(titan, { ...request, credentialId: credential.id, signal }, clock, onWait);
    const events = (async () => {
      for await (const event of run.events()) await report(event);
    })();
    const [result] = await Promise.all([run.result, events]);
    return { kind: "ended", exitCode: exitCodeOfStatus(result.status), result };
  } catch (error) {
    const exitCode = signal.aborted ? exitCodes.interrupted : exitCodeOfError(error);
    return { kind: "refused", exitCode, error };
  }
}

/** The last line that a program reads about a run that has no event of its own to say so. */
export function endOfRefusedRun(credential: CredentialSummary, outcome: SyncOutcome & { kind: "refused" }) {
  const { error, exitCode } = outcome;
  const known = TitanSyncError.is(error);
  return {
    event: "run:end",
    runId: null,
    credentialId: credential.id,
    companyId: credential.companyId,
    status: exitCode === exitCodes.interrupted ? "cancelled" : "failed",
    processed: 0,
    successful: 0,
    failed: 0,
    unchanged: 0,
    durationMs: 0,
    warnings: [],
    error: {
      code: known ? error.code : "UNEXPECTED",
      message: known ? error.message : "The run ended unexpectedly; standard error says more.",
      hint: known ? error.hint : null,
    },
  };
}
