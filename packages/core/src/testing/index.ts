export type { AppendedRow, AppendSinkUnderTest, DescribeAppendSinkOptions } from "./describe-append-sink.js";
export { describeAppendSink } from "./describe-append-sink.js";
export type { DescribeEncryptorOptions } from "./describe-encryptor.js";
export { describeEncryptor } from "./describe-encryptor.js";
export type { DescribeJobQueueOptions } from "./describe-job-queue.js";
export { describeJobQueue } from "./describe-job-queue.js";
export type { DescribeRateLimitCoordinatorOptions } from "./describe-rate-limit-coordinator.js";
export { describeRateLimitCoordinator } from "./describe-rate-limit-coordinator.js";
export type {
  DescribeRecordSinkOptions,
  RecordSinkUnderTest,
  SinkContents,
  SinkRow,
} from "./describe-record-sink.js";
export { describeRecordSink } from "./describe-record-sink.js";
export { describeStorage } from "./describe-storage.js";
export type { DescribeTwoOwnersOptions } from "./describe-two-owners.js";
export { describeTwoOwners } from "./describe-two-owners.js";
export type { JobQueueUnderTest } from "./job-queue/queue-under-test.js";
export type { ManualClock } from "./manual-clock.js";
export { manualClock } from "./manual-clock.js";
export type { Poison, Transact } from "./poisoned-items.js";
export type { ReadStageOptions, UncheckedInvoice } from "./stages.js";
export { runDeriveStage, runInvoiceStage, runReadStage } from "./stages.js";
export type { OpenRunParams } from "./storage/open-run.js";
export { openRun } from "./storage/open-run.js";
export type { DescribeStorageOptions, StorageUnderTest } from "./storage/storage-fixture.js";
export type { StoragePart } from "./storage/storage-parts.js";
export { storagePartNeeds, storageParts } from "./storage/storage-parts.js";
export type { AgingStorage } from "./two-owners/aging-storage.js";
