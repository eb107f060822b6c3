import type { Storage } from "../../ports/storage.js";
import type { RunRequest } from "../../ports/sync-run.js";
import { defaultRequest } from "./samples.js";

type Begin = Parameters<Storage["beginRun"]>[0];

/** What of a run matters to a test; the rest has a default. */
export interface OpenRunParams extends Partial<Omit<Begin, "scope" | "request">>, Pick<Begin, "scope"> {
  readonly request?: Partial<RunRequest> | undefined;
}

/** Takes the lease of a run, for tests: an incremental one of everything, held for 30 seconds. */
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
