import { randomUUID } from "node:crypto";
import { systemClock } from "./async/system-clock.js";
import { type AuditTrail, createAuditTrail } from "./audit/audit-trail.js";
import { createAuditor } from "./audit/auditor.js";
import { createRunAudit } from "./audit/run-audit.js";
import { type Companies, createCompanies } from "./companies/companies.js";
import { companyProfile, feedsOffOf } from "./companies/company-profile.js";
import { type VerifyRequest, type VerifyResult, verify } from "./consistency/verify.js";
import { type CredentialManager, createCredentialManager } from "./credentials/credential-manager.js";
import { secretFields } from "./credentials/encrypt-values.js";
import { createKeyManager, type KeyManager } from "./credentials/key-manager.js";
import { type OpenedCredential, openCredential } from "./credentials/open-credential.js";
import { scopeProbes } from "./credentials/scope-probes.js";
import { createTokenClient } from "./credentials/token-client.js";
import { createTokenProvider } from "./credentials/token-provider.js";
import { jweEncryptor } from "./crypto/jwe-encryptor.js";
import { createScratchStore } from "./dry-run/scratch-store.js";
import {
  checkEraseRequest,
  type EraseRequest,
  type ErasureResult,
  eraseCustomer,
} from "./erasure/erase-customer.js";
import { AbortedError, ValidationError } from "./errors.js";
import { feeds } from "./feeds/feeds.js";
import { createApiClient } from "./http/api-client.js";
import { type CredentialCircuit, createCallGuards } from "./http/call-guards.js";
import { endpointsOf } from "./http/endpoints.js";
import { defaultRetryOptions } from "./http/policy.js";
import { createRateLimiters, type RateLimits } from "./http/rate-limiters.js";
import type { AuditEntry, AuditLog } from "./ports/audit-log.js";
import type { StoredCredential } from "./ports/credential-store.js";
import { silentLogger } from "./ports/logger.js";
import type { RecordSinkObject } from "./ports/record-sink.js";
import type { RunWarning } from "./ports/sync-run.js";
import { harmlessLogger } from "./progress/harmless-logger.js";
import { type PruneRequest, type PruneResult, prune } from "./retention/retention.js";
import { createScheduleManager, type ScheduleManager } from "./schedules/schedule-manager.js";
import { loadSuppressedRows } from "./suppressions/suppressed-rows.js";
import { createSuppressionManager, type SuppressionManager } from "./suppressions/suppression-manager.js";
import { type CurrentRecords, createCurrentRecords } from "./sync/current-records.js";
import { describeFailure } from "./sync/execute-run.js";
import { createRejections, type Rejections } from "./sync/rejections.js";
import type { RunHandle, RunResult } from "./sync/run-handle.js";
import { checkSyncRequest } from "./sync/run-request.js";
import { createRuns, type Runs } from "./sync/runs.js";
import { createBatchWriter } from "./sync/sink/batch-writer.js";
import { startRun } from "./sync/start-run.js";
import { type SyncAllHandle, startSyncAll } from "./sync/sync-all.js";
import { checkSyncAllRequest, type SyncAllRequest } from "./sync/sync-all-request.js";
import type { SyncRequest } from "./sync/sync-request.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";
import { checkOptions } from "./titan-sync-settings.js";

/** Copies ServiceTitan customers and invoices of many companies into a host's pipeline. */
export interface TitanSync extends AsyncDisposable {
  /** Create, list and test credentials. */
  readonly credentials: CredentialManager;
  /** See which keys are in use, and change over to a new one. */
  readonly keys: KeyManager;
  /** When credentials are synced by themselves. */
  readonly schedules: ScheduleManager;
  /** Details of companies, for hosts without a `company` function. */
  readonly companies: Companies;
  /** What runs, what ran and how; and to cancel what runs elsewhere. */
  readonly runs: Runs;
  /** The records as they were last delivered. */
  readonly records: CurrentRecords;
  /** The audit log, which hosts may add to. */
  readonly audit: AuditTrail;
  /**
   * Starts a run, or continues a dead or paused one that was asked for equally. Resolves when the lease is taken.
   * @throws {@link ValidationError} for an unusable request or an unknown credential, {@link ConflictError}
   * while the credential's run is alive elsewhere, {@link ConfigError} when the company is unknown,
   * {@link CryptoError} when the credential does not open.
   */
  sync(request: SyncRequest): Promise<RunHandle>;
  /**
   * Syncs all credentials, or those that match, some side by side. What fails for one tenant stops no other.
   * Resolves when the credentials are listed.
   * @throws {@link ValidationError} for an unusable request, {@link StorageError} when they cannot be listed.
   */
  syncAll(request?: SyncAllRequest): Promise<SyncAllHandle>;
  /** What tenants may send and have sent, by tenant; may be changed while it goes on. */
  readonly rateLimits: RateLimits;
  /** Which credentials' requests are paused because the API does not answer, as this instance sees it. */
  circuits(): readonly CredentialCircuit[];
  /** What could not be landed or delivered, to see, count and replay. */
  readonly rejections: Rejections;
  /**
   * Erases one customer: landed rows, rejections, delivered records and what waits to be sent, and has the sink
   * remove the records; the answer names those that the sink still has. Rows of the customer that ServiceTitan still
   * gives are kept out until that is lifted, unless `suppress` is false.
   * May be repeated; what a failed call leaves to be sent goes with the next call or run.
   * @throws {@link ValidationError} for an unusable request, {@link ConflictError} while a run of the tenant is
   * alive, {@link SinkError} when the sink does not take the removals.
   */
  erase(request: EraseRequest): Promise<ErasureResult>;
  /** Who was erased and is kept out, to see and to lift. */
  readonly suppressions: SuppressionManager;
  /**
   * Takes away runs, audit entries and payloads of rejections that are old enough, of all companies, and ends what
   * nobody goes on with. Never what is still to be read, derived or delivered. Call it nightly, say.
   * @throws {@link ValidationError} for unusable times, {@link AbortedError} when its signal stops it.
   */
  prune(request?: PruneRequest): Promise<PruneResult>;
  /**
   * Compares, without changing anything: landed rows with the API's totals, what was delivered with the sink where it
   * can be read back, the work list with runs and leases, ledgers with tables. Every difference is named. Takes a
   * while with large tenants; a credential whose run is alive is passed over.
   * @throws {@link ValidationError} for an unusable request or an unknown credential, {@link AbortedError} when stopped.
   */
  verify(request?: VerifyRequest): Promise<VerifyResult>;
  /** Cancels the runs in hand and waits for them. Storage and sink stay open. May be called twice. */
  close(): Promise<void>;
}

/**
 * @throws {@link ConfigError} that lists every missing part and unusable value at once.
 * @example
 * const titan = createTitanSync({ storage: memoryStorage(), keys: staticKeys(generateEncryptionKey()), sink });
 * const run = await titan.sync({ credentialId, data: "both" });
 * const { status, ledger } = await run.result;
 */
export function createTitanSync(options: TitanSyncOptions): TitanSync {
  const settings = checkOptions(options);
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
    store: storage,
    encryptor,
    newId,
    endpoints,
    limiters,
    feedsOff: (companyId) => feedsOffOf(company, companyId),
  });
  const auditor = createAuditor(storage, logger);
  const suppressions = createSuppressionManager({ store: storage, encryptor, auditor });
  const running = new Set<Pick<RunHandle, "cancel">>();
  /** By id, dry runs left out: the storage does not know them. */
  const ownRuns = new Map<string, RunHandle>();
  let closing: Promise<void> | null = null;

  function openClient({ stored, appKey }: OpenedCredential, audit: Pick<AuditLog, "appendAudit">) {
    const { apiUrl, authUrl } = endpoints(stored.environment);
    const tokens = createTokenProvider({
      ...shared,
      credentialId: stored.id,
      store: storage,
      encryptor,
      client: createTokenClient({ authUrl, fetch, clock }),
      audit,
    });
    const limiter = limiters.for(stored.tenantId, appKey);
    const guard = guards.for(stored.id);
    const probes = scopeProbes(Object.values(feeds)).map(
      ({ module, path }) => `${module}/v2/tenant/${stored.tenantId}/${path}`,
    );
    return createApiClient({ ...shared, apiUrl, appKey, tokens, probes, limiter, guard, retry });
  }

  async function openForSync(
    stored: StoredCredential,
    actor: string,
    audit: Pick<AuditLog, "appendAudit">,
  ): Promise<OpenedCredential> {
    const opened = await openCredential(stored, encryptor);
    await createAuditor(audit, logger).recordSecrets({
      actor,
      action: "secret:decrypt",
      credential: stored,
      fields: secretFields,
      purpose: "sync",
    });
    return opened;
  }

  async function openFor(credentialId: string, actor: string) {
    const stored = await storage.findCredential(credentialId);
    if (stored === null) throw new ValidationError("There is no credential with this id.");
    return openClient(await openForSync(stored, actor, storage), storage);
  }

  const profileOf = (companyId: string) => companyProfile(company, companyId, undefined);

  async function sync(request: SyncRequest): Promise<RunHandle> {
    if (closing !== null) throw closedError();
    const { run, ...checked } = checkSyncRequest(request);
    const stored = await storage.findCredential(checked.credentialId);
    if (stored === null) throw new ValidationError("There is no credential with this id.");
    const { companyId, environment, tenantId } = stored;
    const profile = await companyProfile(company, companyId, checked.importId);
    const audit = createRunAudit(auditor);
    const client = openClient(await openForSync(stored, checked.actor, audit), audit);
    const scratch = checked.dryRun ? createScratchStore(storage, clock, profile.columns) : null;
    const sinkWarnings: RunWarning[] = [];
    const begun = await begin().catch(async (error: unknown) => {
      await audit.flush();
      throw error;
    });
    const entry = { actor: checked.actor, subject: begun.run.id, companyId };
    await auditor.record({
      ...entry,
      action: scratch === null ? "sync:start" : "dry-run:start",
      outcome: "success",
      details: {
        credentialId: stored.id,
        version: stored.version,
        secrets: [...secretFields, "accessToken"],
        type: checked.type,
        resumed: begun.resumed,
        ...run,
      },
    });
    const handle = startRun({
      ...shared,
      ...settings,
      storage: scratch ?? storage,
      sink: scratch === null ? sink : noSink,
      writer: scratch === null ? writer : writerTo(noSink),
      sinkWarnings,
      client,
      reporters,
      begun,
      company: profile,
      newId,
      loadSuppressed: () => loadSuppressedRows({ store: storage, encryptor }, begun.run.scope),
      stopAfterMs: checked.stopAfterMs ?? null,
      signal: checked.signal ?? null,
      diff: scratch?.diff ?? null,
      async onEnd(result, cancelledBy) {
        if (isIdle(result)) return;
        await audit.flush();
        await auditor.record({ ...entry, ...endEntry(result, cancelledBy) });
      },
    });
    if (scratch === null) keepOwn(handle);
    return keepUntilEnd(handle);

    async function begin() {
      if (scratch === null) {
        await sink.check?.();
        sinkWarnings.push(...((await sink.warnings?.()) ?? []));
      }
      return await (scratch ?? storage).beginRun({
        credentialId: checked.credentialId,
        scope: { companyId, environment, tenantId },
        type: checked.type,
        request: run,
        runId: checked.runId ?? newId(),
        leaseMs: settings.leaseMs,
      });
    }
  }

  async function syncAll(request: SyncAllRequest = {}): Promise<SyncAllHandle> {
    if (closing !== null) throw closedError();
    const checked = checkSyncAllRequest(request);
    return keepUntilEnd(await startSyncAll({ store: storage, clock, logger, sync }, checked));
  }

  async function erase(request: EraseRequest): Promise<ErasureResult> {
    const checked = checkEraseRequest(request);
    const { companyId, customerId, environment = null, actor, requestId } = checked;
    // The log outlives what is erased: it names the customer by a hash.
    const subject = await suppressions.hashOf({ companyId, customerId });
    const entry = { actor, requestId, action: "customer:erase", subject, companyId };
    try {
      const { batchSize } = settings;
      const result = await eraseCustomer({ storage, sink, writer, encryptor, batchSize, newId }, checked);
      const { remaining, ...counts } = result;
      const details = { environment, ...counts, remaining: remaining.length };
      await auditor.record({ ...entry, outcome: "success", details });
      return result;
    } catch (error) {
      const details = { environment, code: describeFailure(error).code };
      await auditor.record({ ...entry, outcome: "failure", details });
      throw error;
    }
  }

  function keepOwn(handle: RunHandle): void {
    const forget = (): void => {
      // A run that lost its lease may have been continued here under its id.
      if (ownRuns.get(handle.id) === handle) ownRuns.delete(handle.id);
    };
    ownRuns.set(handle.id, handle);
    handle.result.then(forget, forget);
  }

  /** What goes on is cancelled when this instance is closed. */
  function keepUntilEnd<Handle extends Pick<RunHandle, "cancel"> & { readonly result: Promise<unknown> }>(
    handle: Handle,
  ): Handle {
    const forget = (): void => void running.delete(handle);
    running.add(handle);
    handle.result.then(forget, forget);
    if (closing !== null) void handle.cancel();
    return handle;
  }

  async function close(): Promise<void> {
    closing ??= Promise.all([...running].map((handle) => handle.cancel())).then(() => undefined);
    await closing;
  }

  return {
    credentials,
    keys: createKeyManager({ store: storage, encryptor, keys: options.keys, logger }),
    schedules: createScheduleManager({ store: storage, clock, auditor }),
    companies: createCompanies(storage),
    runs: createRuns({ store: storage, auditor, findOwn: (runId) => ownRuns.get(runId) ?? null }),
    records: createCurrentRecords(storage),
    audit: createAuditTrail(storage),
    sync,
    syncAll,
    circuits: guards.circuits,
    rateLimits: { status: limiters.status, setRate: limiters.setRate },
    rejections: createRejections(storage, sync),
    erase,
    suppressions,
    prune: (request = {}) => prune(storage, clock, request),
    verify: (request = {}) =>
      verify({ ...shared, storage, sink, credentials, openClient: openFor, profileOf }, request),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function closedError(): AbortedError {
  return new AbortedError("This instance was closed.");
}

/** Where the batches of a dry run go. */
const noSink: RecordSinkObject = { write: async () => ({ rejected: [] }) };

/** A run that looked and found nothing: the entry of its start says all. */
function isIdle({ status, ledger, diff }: RunResult): boolean {
  const { feeds, records } = ledger;
  return (
    status === "completed" &&
    diff === null &&
    Object.values(feeds).every(({ landed, rejected }) => landed + rejected === 0) &&
    Object.values(records).every(({ delivered, rejected }) => delivered + rejected === 0)
  );
}

function endEntry(
  { status, error, diff }: RunResult,
  cancelledBy: string | null,
): Pick<AuditEntry, "action" | "outcome" | "details"> {
  const what = diff === null ? "sync" : "dry-run";
  return {
    action: status === "cancelled" ? `${what}:cancel` : `${what}:end`,
    outcome: status === "failed" ? "failure" : "success",
    details: { status, code: error?.code ?? null, ...(cancelledBy !== null && { cancelledBy }) },
  };
}
