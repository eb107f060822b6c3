import { randomUUID } from "node:crypto";
import { systemClock } from "./async/system-clock.js";
import { type AuditTrail, createAuditTrail } from "./audit/audit-trail.js";
import { createAuditor } from "./audit/auditor.js";
import { checkOptions } from "./check-options.js";
import { type Companies, createCompanies } from "./companies/companies.js";
import { companyProfile, feedsOffOf } from "./companies/company-profile.js";
import { type VerifyRequest, type VerifyResult, verify } from "./consistency/verify.js";
import { type CredentialManager, createCredentialManager } from "./credentials/credential-manager.js";
import { createKeyManager, type KeyManager } from "./credentials/key-manager.js";
import { createClientOpener } from "./credentials/open-client.js";
import { jweEncryptor } from "./crypto/jwe-encryptor.js";
import { eraseAudited } from "./erasure/audited-erasure.js";
import type { EraseRequest, ErasureResult } from "./erasure/erase-customer.js";
import { type CredentialCircuit, createCallGuards } from "./http/call-guards.js";
import { endpointsOf } from "./http/endpoints.js";
import { defaultRetryOptions } from "./http/policy.js";
import { createRateLimiters, type RateLimits } from "./http/rate-limiters.js";
import { silentLogger } from "./ports/logger.js";
import type { RecordSinkObject } from "./ports/record-sink.js";
import { harmlessLogger } from "./progress/harmless-logger.js";
import { catalogWith } from "./records/definitions/definitions.js";
import { type PruneRequest, type PruneResult, prune } from "./retention/retention.js";
import { createScheduleManager, type ScheduleManager } from "./schedules/schedule-manager.js";
import { createPauses, type Pauses } from "./status/pauses.js";
import { createStatus, type Status } from "./status/status.js";
import { createSuppressionManager, type SuppressionManager } from "./suppressions/suppression-manager.js";
import { type CurrentRecords, createCurrentRecords } from "./sync/current-records.js";
import { createRejections, type Rejections } from "./sync/rejections.js";
import type { RunHandle } from "./sync/run-handle.js";
import { createRequestCheck, createRunStarter } from "./sync/run-starter.js";
import { createRuns, type Runs } from "./sync/runs.js";
import { createRunsInHand } from "./sync/runs-in-hand.js";
import { createBatchWriter } from "./sync/sink/batch-writer.js";
import { type SyncAllHandle, startSyncAll } from "./sync/sync-all.js";
import { checkSyncAllRequest, type SyncAllRequest } from "./sync/sync-all-request.js";
import type { SyncRequest } from "./sync/sync-request.js";
import { thisWorker } from "./sync/this-worker.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";

/** Copies ServiceTitan customers and invoices of many companies into a host's pipeline. */
export interface TitanSync extends AsyncDisposable {
  /** Create, list, test, pause and resume credentials. */
  readonly credentials: CredentialManager & Pauses;
  /** How credentials stand: their states, how fresh their data is, and what runs now. */
  readonly status: Status;
  /** See which keys are in use, and rotate to a new one. */
  readonly keys: KeyManager;
  /** The schedules on which credentials are synced automatically. */
  readonly schedules: ScheduleManager;
  /** Companies' options, for hosts without a `company` function. */
  readonly companies: Companies;
  /** Current and past runs of all processes: find, list, measure and cancel them. */
  readonly runs: Runs;
  /** Records as they were last delivered. */
  readonly records: CurrentRecords;
  /** The audit log, to which hosts may add entries. */
  readonly audit: AuditTrail;
  /**
   * Starts a run, or continues a dead or paused one with the same parameters. Resolves when the lease is acquired.
   * @throws {@link ValidationError} for an invalid request or an unknown credential, {@link ConflictError} while
   * another process is running the credential's sync, {@link ConfigError} when the company is unknown, {@link
   * CryptoError} when the credential cannot be decrypted.
   */
  sync(request: SyncRequest): Promise<RunHandle>;
  /**
   * Checks a request as `sync` does, and starts nothing: for callers that queue it.
   * @throws {@link ValidationError} for an invalid request or an unknown credential, {@link ConfigError} when the
   * company is unknown.
   */
  checkSync(request: SyncRequest): Promise<void>;
  /**
   * Syncs all credentials, or those that match, several in parallel. A failure of one tenant does not stop the others.
   * Resolves when the credentials are listed.
   * @throws {@link ValidationError} for an invalid request, {@link StorageError} when they cannot be listed.
   */
  syncAll(request?: SyncAllRequest): Promise<SyncAllHandle>;
  /** The rate limits and requests of each tenant; limits can be changed while syncs run. */
  readonly rateLimits: RateLimits;
  /** Which credentials' requests are paused because the API does not respond, as seen by this instance. */
  circuits(): readonly CredentialCircuit[];
  /** Rows and records that could not be landed or delivered: list, count, replay and dismiss them. */
  readonly rejections: Rejections;
  /**
   * Erases one customer: landed rows, rejections, delivered records and batches that have not been sent. The sink
   * removes the records; the result names those that remain in the sink. Unless `suppress` is false, rows of the
   * customer that ServiceTitan still returns are not landed until the suppression is lifted.
   * May be repeated; removals that a failed call could not send are sent by the next call or run.
   * @throws {@link ValidationError} for an invalid request, {@link ConflictError} while a run of the tenant is in
   * progress, {@link SinkError} when the sink does not accept the removals.
   */
  erase(request: EraseRequest): Promise<ErasureResult>;
  /** Erased customers whose rows are not landed again: list and lift these suppressions. */
  readonly suppressions: SuppressionManager;
  /**
   * Deletes old runs, audit entries and payloads of rejections of all companies, and ends abandoned runs. Never deletes
   * data that still has to be read, derived or delivered. Call it nightly, for example.
   * @throws {@link ValidationError} for invalid times, {@link AbortedError} when its signal is aborted.
   */
  prune(request?: PruneRequest): Promise<PruneResult>;
  /**
   * Compares landed rows with the API's totals, delivered records with the sink if it can be read back, the work queue
   * with runs and leases, and ledgers with tables. Changes nothing and reports every difference. Takes a while for
   * large tenants; a credential with a run in progress is skipped.
   * @throws {@link ValidationError} for an invalid request or an unknown credential, {@link AbortedError} when its
   * signal is aborted.
   */
  verify(request?: VerifyRequest): Promise<VerifyResult>;
  /** Cancels the current runs and waits for them. Storage and sink stay open. May be called twice. */
  close(): Promise<void>;
}

/**
 * @throws {@link ConfigError} that lists every missing part and every invalid value.
 * @example
 * const titan = createTitanSync({ storage: memoryStorage(), keys: staticKeys(generateEncryptionKey()), sink });
 * const run = await titan.sync({ credentialId, data: "both" });
 * const { status, ledger } = await run.result;
 */
export function createTitanSync(options: TitanSyncOptions): TitanSync {
  const settings = checkOptions(options);
  const catalog = catalogWith(options.records ?? []);
  const {
    storage,
    clock = systemClock,
    fetch = globalThis.fetch,
    random = Math.random,
    newId = randomUUID,
  } = options;
  const logger = harmlessLogger(options.logger ?? silentLogger);
  const sink: RecordSinkObject = typeof options.sink === "function" ? { write: options.sink } : options.sink;
  const reporters = typeof options.progress === "function" ? [options.progress] : (options.progress ?? []);
  const company = options.company ?? ((id) => storage.findCompany(id));
  const encryptor = jweEncryptor(options.keys);
  const limiters = createRateLimiters({
    requestsPerSecond: settings.requestsPerSecond,
    clock,
    coordinator: options.rateLimitCoordinator,
  });
  const retry = { ...defaultRetryOptions, ...options.retry };
  const guards = createCallGuards({
    circuit: { failures: 5, openMs: retry.maxDelayMs, maxOpenMs: 300_000, ...options.circuit },
    maxConcurrentRequests: settings.maxConcurrentRequests,
    clock,
    logger,
  });
  const writerTo = (target: RecordSinkObject) =>
    createBatchWriter({ ...settings, sink: target, clock, logger, random, newId, backoff: retry });
  const writer = writerTo(sink);
  const endpoints = (environment: Parameters<typeof endpointsOf>[0]) =>
    endpointsOf(environment, options.endpoints);
  // Addresses that credentials must not be sent to are refused at once, not in the first sync.
  endpoints("production");
  const shared = { clock, fetch, random, logger };
  const credentials = createCredentialManager({
    ...shared,
    catalog,
    store: storage,
    encryptor,
    newId,
    endpoints,
    limiters,
    feedsOff: (companyId) => feedsOffOf(catalog, company, companyId),
  });
  const auditor = createAuditor(storage, logger);
  const suppressions = createSuppressionManager({ store: storage, encryptor, auditor });
  const profileOf = (companyId: string) => companyProfile(catalog, company, companyId, undefined);
  const inHand = createRunsInHand();
  const clients = createClientOpener({
    ...shared,
    catalog,
    store: storage,
    encryptor,
    endpoints,
    limiters,
    guards,
    retry,
  });
  const sync = createRunStarter({
    ...settings,
    catalog,
    storage,
    sink,
    writer,
    writerTo,
    encryptor,
    company,
    clients,
    auditor,
    inHand,
    worker: thisWorker(options.worker),
    clock,
    logger,
    reporters,
    newId,
  });

  async function syncAll(request: SyncAllRequest = {}): Promise<SyncAllHandle> {
    inHand.requireOpen();
    const checked = checkSyncAllRequest(catalog, request);
    return inHand.keep(await startSyncAll({ store: storage, clock, logger, sync }, checked));
  }

  const pauses = createPauses({ store: storage, clock, auditor });

  return {
    credentials: { ...credentials, ...pauses },
    status: createStatus({ catalog, store: storage, clock }),
    keys: createKeyManager({ store: storage, encryptor, keys: options.keys, logger }),
    schedules: createScheduleManager({ catalog, store: storage, company, clock, auditor }),
    companies: createCompanies(catalog, storage),
    runs: createRuns({ store: storage, auditor, findOwn: inHand.find }),
    records: createCurrentRecords(storage),
    audit: createAuditTrail(storage),
    sync,
    checkSync: createRequestCheck({ catalog, storage, company }),
    syncAll,
    circuits: guards.circuits,
    rateLimits: { status: limiters.status, setRate: limiters.setRate },
    rejections: createRejections(storage, sync),
    erase: (request) =>
      eraseAudited(
        {
          catalog,
          storage,
          sink,
          writer,
          encryptor,
          batchSize: settings.batchSize,
          newId,
          auditor,
          suppressions,
        },
        request,
      ),
    suppressions,
    prune: (request = {}) => prune(storage, clock, request),
    verify: (request = {}) =>
      verify(
        { ...shared, catalog, storage, sink, credentials, openClient: clients.openById, profileOf },
        request,
      ),
    close: inHand.close,
    [Symbol.asyncDispose]: inHand.close,
  };
}
