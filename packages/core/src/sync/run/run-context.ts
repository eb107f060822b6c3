import type { ByteBudget } from "../../async/byte-budget.js";
import type { ApiClient } from "../../http/api-client.js";
import type { RunEvent } from "../../ledger/run-event.js";
import type { RunTally } from "../../ledger/run-tally.js";
import type { ThroughputMeter } from "../../ledger/throughput.js";
import type { Clock } from "../../ports/clock.js";
import type { Logger } from "../../ports/logger.js";
import type { RecordSinkObject } from "../../ports/record-sink.js";
import type { Storage } from "../../ports/storage.js";
import type { RunLease, RunRequest, RunWarning } from "../../ports/sync-run.js";
import type { TenantScope } from "../../ports/tenant.js";
import type { RecordCatalog } from "../../records/definitions/catalog.js";
import type { CompanyProfile } from "../../records/map-context.js";
import type { SuppressedRows } from "../../suppressions/suppressed-rows.js";
import type { BatchWriter } from "../sink/batch-writer.js";

/** What a run does with its storage. */
export type RunStorage = Pick<
  Storage,
  | "database"
  | "renewLease"
  | "endRun"
  | "landRows"
  | "sweepFeed"
  | "expandKeys"
  | "enqueueKeys"
  | "countPendingIds"
  | "claimKeys"
  | "stageBatch"
  | "settleKeys"
  | "findCursors"
  | "findEntities"
  | "findEntitiesByLink"
  | "findEntitySizes"
  | "findEntitySizesByLink"
  | "findDeliveredRecords"
  | "listStagedBatches"
  | "requeueKeys"
  | "saveRunPlace"
  | "findRunPlaces"
  | "forgetSeenIds"
  | "listRejections"
  | "listRuns"
>;

/** What the parts of one run share. */
export interface RunContext {
  /** The record types that the instance knows. */
  readonly catalog: RecordCatalog;
  readonly storage: RunStorage;
  readonly sink: RecordSinkObject;
  readonly writer: BatchWriter;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lease: RunLease;
  readonly scope: TenantScope;
  readonly request: RunRequest;
  readonly company: CompanyProfile;
  /** The run's start in epoch milliseconds, by the storage's clock. */
  readonly startedAt: number;
  /** When this owner took the run, in epoch milliseconds, by the storage's clock. */
  readonly ownedSince: number;
  /** The run's start in epoch seconds. */
  readonly version: string;
  readonly batchSize: number;
  /** The bytes that pages and batches of the run may use together. */
  readonly budget: ByteBudget;
  readonly parallelBackfill: boolean;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
  /** Whose rows are suppressed; read once. @throws {@link CryptoError} when that cannot be determined. */
  readonly suppressed: () => Promise<SuppressedRows>;
  readonly figures: RunTally;
  readonly throughput: ThroughputMeter;
  emit(event: RunEvent): void;
  /** Reports a warning and stores it with the run; the same code and message only once. */
  warn(warning: RunWarning): void;
  /** Reports progress that a continued run will not repeat. A run may only pause after that. */
  movedOn(): void;
}
