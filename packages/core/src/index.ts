export type { AlertChannel } from "./alerts/advance-alerts.js";
export { type AlertKind, type AlertKindDefinition, alertKinds } from "./alerts/alert-kinds.js";
export { type AlertMessage, type AlertMessageType, testMessage } from "./alerts/alert-message.js";
export type {
  AlertSnapshot,
  DayFigures,
  ObservedCredential,
  PlatformMeasures,
} from "./alerts/alert-snapshot.js";
export type { SnapshotStorage } from "./alerts/read-snapshot.js";
export { type Alerts, type AlertsOptions, startAlerts } from "./alerts/start-alerts.js";
export { type AlertThresholds, defaultThresholds } from "./alerts/thresholds.js";
export type { EachOptions, ListPage } from "./async/each-page.js";
export { eachItem, eachPage } from "./async/each-page.js";
export { systemClock } from "./async/system-clock.js";
export type { AuditTrail } from "./audit/audit-trail.js";
export type { Companies } from "./companies/companies.js";
export { companyIssues } from "./companies/company-profile.js";
export type { Difference, DifferenceCode, DifferenceLevel } from "./consistency/difference.js";
export type { VerifyRequest, VerifyResult } from "./consistency/verify.js";
export type { ConnectionTest, ConnectionTestStep } from "./credentials/connection-test.js";
export type { CredentialInstant, CredentialJson } from "./credentials/credential-json.js";
export { credentialJson } from "./credentials/credential-json.js";
export type {
  CreateCredentialOptions,
  CredentialChanges,
  CredentialManager,
  RemoveCredentialOptions,
  SavedCredential,
  UpdateCredentialOptions,
} from "./credentials/credential-manager.js";
export type { CredentialSummary } from "./credentials/credential-summary.js";
export type { ActingOptions, CredentialTestOptions } from "./credentials/credential-tester.js";
export type { CredentialInput } from "./credentials/credential-values.js";
export type { KeyManager, KeyUsage, RotateOptions } from "./credentials/key-manager.js";
export type {
  KeyRotationFailure,
  KeyRotationOptions,
  KeyRotationProgress,
  KeyRotationResult,
  SuppressionSecretStore,
} from "./credentials/rotate-keys.js";
export { rotateKeys } from "./credentials/rotate-keys.js";
export { generateEncryptionKey } from "./crypto/generate-key.js";
export { jweEncryptor } from "./crypto/jwe-encryptor.js";
export type { ReloadingKeysOptions } from "./crypto/reloading-keys.js";
export { reloadingKeys } from "./crypto/reloading-keys.js";
export { Secret } from "./crypto/secret.js";
export { staticKeys } from "./crypto/static-keys.js";
export type { DryRunDiff, DryRunOperation, DryRunSample } from "./dry-run/dry-run-diff.js";
export type { EraseRequest, ErasureResult, RemainingRecord } from "./erasure/erase-customer.js";
export type {
  ApiErrorDetails,
  ConflictDetails,
  ErrorCode,
  ErrorJson,
  TitanSyncErrorOptions,
} from "./errors.js";
export {
  AbortedError,
  ApiError,
  ApiResponseError,
  AuthError,
  CircuitOpenError,
  ConfigError,
  ConflictError,
  CryptoError,
  DataError,
  DriftError,
  errorCodes,
  InsufficientScopeError,
  InvalidCredentialsError,
  LeaseLostError,
  MappingError,
  NetworkError,
  RateLimitError,
  RecordRefusedError,
  ServiceUnavailableError,
  SinkError,
  SinkTimeoutError,
  StorageError,
  TimeoutError,
  TitanSyncError,
  TokenRequestError,
  ValidationError,
} from "./errors.js";
export type { Appointment } from "./feeds/appointments.js";
export type { CustomerContact } from "./feeds/customer-contacts.js";
export type { Customer } from "./feeds/customers.js";
export type { EntityId } from "./feeds/entity-id.js";
export type {
  DocumentedFields,
  Feed,
  FeedLink,
  FeedName,
  FieldPath,
  LinkIds,
  LinkInputs,
  LinkOf,
  RowOf,
  UncheckedLinks,
} from "./feeds/feed.js";
export { defineFeed } from "./feeds/feed.js";
export { rowFields } from "./feeds/fields.js";
export type { Invoice } from "./feeds/invoices.js";
export type { Job } from "./feeds/jobs.js";
export type { Location } from "./feeds/locations.js";
export type { MembershipType } from "./feeds/membership-types.js";
export type { Membership } from "./feeds/memberships.js";
export type { Zone } from "./feeds/zones.js";
export type { ApiFigures } from "./http/api-client.js";
export type { BackoffOptions } from "./http/backoff.js";
export type { CredentialCircuit } from "./http/call-guards.js";
export type { CircuitOptions, CircuitStatus } from "./http/circuit.js";
export type { Endpoints } from "./http/endpoints.js";
export { endpointsOf } from "./http/endpoints.js";
export type { RetryOptions } from "./http/policy.js";
export type { RateLimiterStatus } from "./http/rate-limiter.js";
export type { RateLimits, TenantRateStatus } from "./http/rate-limiters.js";
export type { RepeatOptions } from "./http/retry.js";
export type { IsoTimeOf, WithIsoTimes } from "./json/iso-time.js";
export { isoTime, withIsoTimes } from "./json/iso-time.js";
export type { MemoryJobQueueOptions } from "./memory/memory-job-queue.js";
export { memoryJobQueue } from "./memory/memory-job-queue.js";
export { memoryRateLimitCoordinator } from "./memory/memory-rate-limit-coordinator.js";
export type { MemorySink, MemorySinkOptions, SinkRecord } from "./memory/memory-sink.js";
export { memorySink } from "./memory/memory-sink.js";
export type { MemoryStorageOptions } from "./memory/memory-storage.js";
export { memoryStorage } from "./memory/memory-storage.js";
export { noopProgressReporter } from "./memory/noop-progress-reporter.js";
export type {
  AlertFigures,
  AlertFilter,
  AlertIdentity,
  AlertIncident,
  AlertSeverity,
  AlertSilence,
  AlertState,
  AlertStore,
  AlertTick,
  ChannelHealth,
  ClaimedMessage,
  MessageOutcome,
  OutboxMessage,
  StoredAlert,
  StoredAlerts,
  StoredMessage,
} from "./ports/alert-store.js";
export type { AuditEntry, AuditFilter, AuditLog, StoredAuditEntry } from "./ports/audit-log.js";
export type { Clock } from "./ports/clock.js";
export type {
  CompanyDetails,
  CompanyDirectory,
  CompanyProfile,
  CompanyRules,
  RuleSettings,
} from "./ports/company-directory.js";
export type { CompanyStore } from "./ports/company-store.js";
export type {
  Completeness,
  CredentialPause,
  CredentialStateFilter,
  CredentialStateStore,
  DataFreshness,
  EndedRun,
  RunsState,
  StoredCredentialState,
  TypeCompleteness,
} from "./ports/credential-state.js";
export type {
  Ciphertexts,
  ConnectionStatus,
  CredentialFilter,
  CredentialStore,
  CredentialUpdate,
  NewCredential,
  StoredCredential,
} from "./ports/credential-store.js";
export type {
  Attempt,
  DeliveredRecord,
  DeliveryStore,
  ExportedRecord,
  SettledItem,
  Settlement,
  SettleParams,
  StagedBatch,
} from "./ports/delivery-store.js";
export type {
  CredentialContext,
  EncryptionContext,
  EncryptionKey,
  Encryptor,
  KeyProvider,
  SuppressionContext,
} from "./ports/encryptor.js";
export type { EntityCount, EntitySize, LandedEntity } from "./ports/entity-store.js";
export type {
  ErasedCounts,
  EraseParams,
  Erasure,
  ErasureReader,
  ErasureStore,
  KnownTenant,
  LinkedEntity,
  RejectedRow,
} from "./ports/erasure-store.js";
export type { BackfillWindow, FeedCursor } from "./ports/feed-cursor.js";
export type {
  ClaimedJob,
  Enqueued,
  JobPriority,
  JobQueue,
  JobQueueStats,
  QueuedJob,
  SyncJob,
} from "./ports/job-queue.js";
export type { LandingStore, LandParams, LandResult, NewEntity, SweepResult } from "./ports/landing-store.js";
export type { Logger } from "./ports/logger.js";
export { silentLogger } from "./ports/logger.js";
export type { Notifier } from "./ports/notifier.js";
export type { Page, PageRequest } from "./ports/page.js";
export type { ProgressReporter } from "./ports/progress-reporter.js";
export type {
  CallPriority,
  RateLimitCoordinator,
  Reservation,
  ReserveParams,
  SharedBudget,
  ThrottleParams,
} from "./ports/rate-limit-coordinator.js";
export { backgroundHorizonMs, interactiveHorizonMs } from "./ports/rate-limit-coordinator.js";
export type {
  BatchItem,
  RecordBatch,
  RecordSink,
  RecordSinkObject,
  SinkAnswer,
  SinkContext,
} from "./ports/record-sink.js";
export type {
  DismissedRejection,
  DismissParams,
  NewRejection,
  RejectionCount,
  RejectionFilter,
  RejectionStage,
  RejectionStore,
  StoredRejection,
} from "./ports/rejection-store.js";
export type { PruneStep, RetentionStore } from "./ports/retention-store.js";
export type { Dispatched, DispatchedSync, QueuedSync, RunDispatcher } from "./ports/run-dispatcher.js";
export type {
  DailyRunMetrics,
  LeaseState,
  RunFilter,
  RunHistory,
  RunMetrics,
  RunTotals,
} from "./ports/run-history.js";
export type {
  BeginParams,
  CancelOutcome,
  CancelParams,
  LeaseRenewal,
  RunStore,
  StartedRun,
} from "./ports/run-store.js";
export type {
  Schedule,
  ScheduledStart,
  ScheduleFilter,
  ScheduleStore,
  ScheduleTimes,
  StoredSchedule,
} from "./ports/schedule-store.js";
export type { HeldRecord, SinkReader } from "./ports/sink-reader.js";
export type {
  CatchUp,
  ClaimedStarts,
  DueSchedule,
  Outage,
  SkipReason,
  StartDecision,
  StartLedger,
  StartLedgerEntry,
  StartOutcome,
  StoredStart,
} from "./ports/start-ledger.js";
export type { Storage } from "./ports/storage.js";
export type {
  Suppression,
  SuppressionFilter,
  SuppressionSecret,
  SuppressionStore,
} from "./ports/suppression-store.js";
export type {
  BatchDeliveredEvent,
  BatchLandedEvent,
  EventBase,
  FeedEndEvent,
  FeedStartEvent,
  PageReadEvent,
  RunEndEvent,
  RunStartEvent,
  RunWaitEvent,
  RunWarningEvent,
  SchemaDriftEvent,
  SyncEvent,
  Throughput,
} from "./ports/sync-event.js";
export type {
  EndStatus,
  FeedFigures,
  RangeField,
  RecordFigures,
  RunFailure,
  RunLease,
  RunRequest,
  RunStatus,
  RunWarning,
  RunWorker,
  StoredRun,
  SyncData,
  SyncMode,
  SyncRange,
  SyncType,
} from "./ports/sync-run.js";
export type { Environment, TenantScope } from "./ports/tenant.js";
export type { StoredToken, TokenStore } from "./ports/token-store.js";
export type { ClaimedKey, Expansion, ReadKey, Touch, WorkQueue } from "./ports/work-queue.js";
export type { LiveWorker, WorkerBeat, WorkerRegistry } from "./ports/worker-registry.js";
export type { SyncEventJson } from "./progress/event-json.js";
export { eventJson } from "./progress/event-json.js";
export { harmlessLogger } from "./progress/harmless-logger.js";
export type { LineWriter } from "./progress/json-lines-reporter.js";
export { jsonLinesReporter } from "./progress/json-lines-reporter.js";
export { logReporter } from "./progress/log-reporter.js";
export type { ThrottleOptions } from "./progress/throttled-reporter.js";
export { throttledReporter } from "./progress/throttled-reporter.js";
export type { ComparableRow, RawRow } from "./reconcile/comparable.js";
export { comparableRow } from "./reconcile/comparable.js";
export type { Comparison, Discrepancy, KeyedRow } from "./reconcile/compare-rows.js";
export { compareRows } from "./reconcile/compare-rows.js";
export { ExactSum } from "./reconcile/exact-sum.js";
export type { ReportHeaders, ReportLayout } from "./reconcile/report-headers.js";
export { readLayout, reportHeaders, reportKeys } from "./reconcile/report-headers.js";
export { recordColumns } from "./records/column-names.js";
export type { PathStep } from "./records/column-path.js";
export type { CompanyFeeds, FeedSwitch } from "./records/company-feeds.js";
export type {
  ColumnFormat,
  ColumnFunction,
  ColumnSource,
  ColumnValue,
  CompanyMapping,
  InvoiceSource,
  MemberSource,
} from "./records/company-mapping.js";
export { columnFormats } from "./records/company-mapping.js";
export type { RuleLevel, RuleLevels } from "./records/company-rules.js";
export { ruleLevels } from "./records/company-rules.js";
export type { CustomColumn, CustomColumnFormat, CustomColumns } from "./records/custom-columns.js";
export type {
  CheckedRelations,
  FeedsByName,
  FieldsAt,
  FieldsOf,
  IsList,
  JoinedOf,
  LinksInto,
  NamedRelation,
  NamedRelations,
  RecordJoin,
  Relation,
} from "./records/definitions/define-join.js";
export { many, one } from "./records/definitions/define-join.js";
export type { ErasedBy, RecordColumn, RecordDefinition } from "./records/definitions/define-record.js";
export { feeds, invoiceDefinition, memberDefinition } from "./records/definitions/definitions.js";
export type { JoinedInvoice } from "./records/definitions/invoice.js";
export type { JoinedMember } from "./records/definitions/member.js";
export type { OwnMapContext, OwnRecordInput, OwnRule } from "./records/definitions/own-record.js";
export { defineRecord } from "./records/definitions/own-record.js";
export type {
  ByRecordType,
  CoreRecord,
  HostRecord,
  InvoiceRecord,
  KnownRecordType,
  MemberRecord,
  OwnRecord,
  RecordType,
} from "./records/record.js";
export type { PruneRequest, PruneResult } from "./retention/retention.js";
export type { ScheduleChanges, ScheduleChangesRequest } from "./schedules/change-schedules.js";
export {
  firstStartAfter,
  gapBetweenStarts,
  type NominalStart,
  nominalStarts,
  startsAfter,
} from "./schedules/first-start-after.js";
export { jitterOf } from "./schedules/jitter.js";
export { judgeNominal, type NominalVerdict } from "./schedules/judge-nominal.js";
export type { ScheduleInput } from "./schedules/schedule-input.js";
export { type ScheduleJson, scheduleJson } from "./schedules/schedule-json.js";
export type {
  ScheduleChangeOptions,
  ScheduleManager,
  ScheduleProposal,
} from "./schedules/schedule-manager.js";
export { type ScheduleProblem, scheduleProblem } from "./schedules/schedule-problem.js";
export { type Scheduler, type SchedulerOptions, startScheduler } from "./schedules/scheduler.js";
export { upcomingStarts } from "./schedules/upcoming-starts.js";
export type { CsvSinkOptions } from "./sinks/csv-sink.js";
export { csvSink } from "./sinks/csv-sink.js";
export type { JsonLinesSinkOptions } from "./sinks/json-lines-sink.js";
export { jsonLinesSink } from "./sinks/json-lines-sink.js";
export {
  type CredentialStateName,
  credentialStates,
  type JudgedState,
  type JudgeOptions,
  judgeCredential,
  type Lateness,
  statesOfConcern,
} from "./status/judge-credential.js";
export type { PauseRequest, Pauses, ResumeRequest } from "./status/pauses.js";
export type {
  CredentialStatus,
  CurrentRun,
  Status,
  StatusFilter,
  StatusSummary,
} from "./status/status.js";
export type {
  CustomerOf,
  ForgetRequest,
  LiftRequest,
  SuppressionManager,
} from "./suppressions/suppression-manager.js";
export type { CancelRequest, CancelResult } from "./sync/cancel-run.js";
export type { CurrentRecords, RecordFilter } from "./sync/current-records.js";
export type { DismissRequest, Rejections, ReplayRequest } from "./sync/rejections.js";
export type { RunHandle, RunLedger, RunResult } from "./sync/run-handle.js";
export { ledgerOf } from "./sync/run-ledger.js";
export type { DailyMetricsRequest, Runs } from "./sync/runs.js";
export { writeWithoutRefused } from "./sync/sink/write-without-refused.js";
export type { SyncAllHandle, SyncAllResult } from "./sync/sync-all.js";
export type { LeaseWait, SyncAllFilter, SyncAllRequest } from "./sync/sync-all-request.js";
export type { SyncRequest } from "./sync/sync-request.js";
export { type SyncScope, syncScopes } from "./sync/sync-scopes.js";
export type { TenantOutcome } from "./sync/tenant-outcome.js";
export type { TitanSync } from "./titan-sync.js";
export { createTitanSync } from "./titan-sync.js";
export type { TitanSyncOptions } from "./titan-sync-options.js";
export { jobPriorityOf } from "./workers/job-priority.js";
export type { QueueDispatcherOptions } from "./workers/queue-dispatcher.js";
export { createQueueDispatcher } from "./workers/queue-dispatcher.js";
export type {
  JobInHand,
  SyncWorker,
  SyncWorkerOptions,
  WorkerSlot,
  WorkerStatus,
} from "./workers/sync-worker.js";
export { createSyncWorker } from "./workers/sync-worker.js";
export type { WorkerStorage } from "./workers/worker-storage.js";
