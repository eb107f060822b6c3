export { orAborted } from "../async/aborted.js";
export { inParallel } from "../async/in-parallel.js";
export type { TimeLimit } from "../async/in-time.js";
export { inTime } from "../async/in-time.js";
export {
  changedMeanwhile,
  credentialBeingRemoved,
  credentialTaken,
  credentialUnknown,
  leaseLost,
  runCanceled,
  runIdTaken,
  runInProgress,
} from "../conflicts.js";
export { isEntityId } from "../feeds/entity-id.js";
export type { RateBudget } from "../http/rate-budget.js";
export {
  recoveryStepMs,
  recoveryStepShare,
  reserveSlots,
  throttleBudget,
  unusedBudget,
} from "../http/rate-budget.js";
export type { LastTurns, OrderedJob, WaitingJob } from "../job-queue/claim-order.js";
export {
  agingMs,
  compareOrders,
  inClaimOrder,
  jobPriorities,
  nextOfCredential,
  rankOf,
} from "../job-queue/claim-order.js";
export { JobListeners } from "../job-queue/job-listeners.js";
export type { JobRequest } from "../job-queue/job-request.js";
export { isSameRequest, requestOf } from "../job-queue/job-request.js";
export { listWaiting } from "../job-queue/list-waiting.js";
export { landingFigures } from "../ledger/figures.js";
export { expiresEarly } from "../ledger/idle-run.js";
export { workerLost } from "../ledger/lost-run.js";
export { outageAt } from "../ledger/outage.js";
export { percentileRank, successfulStatuses } from "../ledger/run-metrics.js";
export { noRunsState, stalest, stateAfterRun } from "../ledger/runs-state.js";
export { settleEntries } from "../ledger/settle-entries.js";
export { clearsRejections, staysPending } from "../ledger/settled-item.js";
export { isSuperseded, supersededRun } from "../ledger/superseded-run.js";
export type { Place } from "../paging/page-cursor.js";
export { decodeCursor, decodeNumberCursor, rowsWanted, toPage } from "../paging/page-cursor.js";
export type { RecordPlace } from "../paging/record-place.js";
export { decodeRecordPlace, toRecordPage } from "../paging/record-place.js";
export { isSameScope } from "../ports/tenant.js";
export { makeFileAtomically, removePartialFiles, writeFileAtomically } from "../sinks/atomic-file.js";
export { batchIdsForgottenAtOnce, batchIdsKnownForMs } from "../sinks/known-batches.js";
export type { StreamTable } from "../sinks/stream-tables.js";
export { reasonAgainst, streamOf, streamTypes } from "../sinks/stream-tables.js";
export { waitOutLease } from "../sync/wait-out-lease.js";
export { asRefusal, DataRefusedError } from "./data-refused.js";
export type { JobRow } from "./job-row.js";
export { jobOfRow, jobStatsOf, lastTurnsOf, requestText, toOrdered } from "./job-row.js";
export type {
  Migration,
  MigrationDirection,
  MigrationStatus,
  SchemaVersion,
} from "./migrations.js";
export {
  latestOf,
  requireNotNewer,
  requireNotTooNew,
  requireUsableSchema,
  statusAt,
  stepsBetween,
  syncsInProgress,
  targetVersion,
  unfitOwners,
} from "./migrations.js";
export type { PauseRow } from "./pause-row.js";
export { toPause } from "./pause-row.js";
export type { RunRow } from "./run-row.js";
export { feedColumns, recordFigureColumns, runOfRow } from "./run-row.js";
