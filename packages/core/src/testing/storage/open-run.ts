import type { Storage } from "../../ports/storage.js";
import type { RunRequest } from "../../ports/sync-run.js";
import { defaultRequest } from "./samples.js";

type Begin = Parameters<Storage["beginRun"]>[0];

/** The parameters of a run that matter to a test; absent ones have defaults. */
export interface OpenRunParams extends Partial<Omit<Begin, "scope" | "request">>, Pick<Begin, "scope"> {
  readonly request?: Partial<RunRequest> | undefined;
}

/** Begins a run for a test: by default an incremental one of all data, with a lease of 30 seconds. */
export function openRun(
  storage: Pick<Storage, "beginRun">,
  { request, ...given }: OpenRunParams,
): ReturnType<Storage["beginRun"]> {
  return storage.beginRun({
    credentialId: "credential",
    type: "manual",
    runId: "run",
    leaseMs: 30_000,
    ...given,
    request: { ...defaultRequest, ...request },
  });
}
