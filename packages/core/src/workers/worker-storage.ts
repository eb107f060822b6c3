import type { Storage } from "../ports/storage.js";

/** What workers and dispatchers of a queue do with the storage. */
export type WorkerStorage = Pick<
  Storage,
  | "checkSchema"
  | "findCredential"
  | "findCredentialState"
  | "findRun"
  | "beginRun"
  | "endRun"
  | "listLostRuns"
  | "endLostRun"
  | "requestRunCancellation"
  | "recordAcceptedRun"
  | "recordCancelledRun"
  | "findAcceptedRun"
  | "appendAudit"
  | "beatWorker"
  | "forgetWorker"
>;
