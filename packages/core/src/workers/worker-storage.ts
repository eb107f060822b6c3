import type { Storage } from "../ports/storage.js";

/** What workers and dispatchers of a queue do with the storage. */
export type WorkerStorage = Pick<
  Storage,
  | "findCredential"
  | "findRun"
  | "findCurrentRun"
  | "beginRun"
  | "endRun"
  | "listLostRuns"
  | "endLostRun"
  | "findCredentialState"
  | "requestRunCancellation"
  | "appendAudit"
> &
  AcceptedRuns;

/** Which run fulfills an accepted run id. */
export interface AcceptedRuns {
  /** Stores it, unless the id is a run's own. May be repeated. */
  recordAcceptedRun(params: { readonly acceptedId: string; readonly runId: string }): Promise<void>;
  /** The run's id, through any number of steps; `null` if nothing was recorded. */
  findAcceptedRun(acceptedId: string): Promise<string | null>;
}
