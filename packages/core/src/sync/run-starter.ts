import type { Auditor } from "../audit/auditor.js";
import { createRunAudit } from "../audit/run-audit.js";
import { companyProfile } from "../companies/company-profile.js";
import { secretFields } from "../credentials/encrypt-values.js";
import type { ClientOpener } from "../credentials/open-client.js";
import { createScratchStore } from "../dry-run/scratch-store.js";
import { ValidationError } from "../errors.js";
import { isIdleRun } from "../ledger/idle-run.js";
import type { AuditEntry } from "../ports/audit-log.js";
import type { CompanyDirectory } from "../ports/company-directory.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { Storage } from "../ports/storage.js";
import type { RunWarning, RunWorker } from "../ports/sync-run.js";
import { loadSuppressedRows } from "../suppressions/suppressed-rows.js";
import type { RunHandle, RunResult } from "./run-handle.js";
import { checkSyncRequest } from "./run-request.js";
import type { RunsInHand } from "./runs-in-hand.js";
import type { BatchWriter } from "./sink/batch-writer.js";
import { type StartRunOptions, startRun } from "./start-run.js";
import type { SyncRequest } from "./sync-request.js";

export interface RunStarterOptions
  extends Pick<
    StartRunOptions,
    | "catalog"
    | "clock"
    | "logger"
    | "reporters"
    | "leaseMs"
    | "batchSize"
    | "maxBytesInFlight"
    | "parallelBackfill"
    | "newId"
  > {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  readonly writer: BatchWriter;
  /** For dry runs, whose batches go nowhere. */
  readonly writerTo: (sink: RecordSinkObject) => BatchWriter;
  readonly encryptor: Encryptor;
  readonly company: CompanyDirectory;
  readonly clients: ClientOpener;
  readonly auditor: Auditor;
  readonly inHand: RunsInHand;
  /** Who owns the runs. */
  readonly worker: RunWorker;
}

/**
 * Checks a request as a run that starts does, and starts nothing.
 * @throws what `sync` refuses a request with, as far as only its text, credential and company are concerned.
 */
export function createRequestCheck({
  catalog,
  storage,
  company,
}: Pick<RunStarterOptions, "catalog" | "storage" | "company">): (request: SyncRequest) => Promise<void> {
  return async (request) => {
    const { credentialId, importId } = checkSyncRequest(catalog, request);
    const { companyId } = await requireCredential(storage, credentialId);
    await companyProfile(catalog, company, companyId, importId);
  };
}

async function requireCredential(storage: Storage, id: string): Promise<StoredCredential> {
  const stored = await storage.findCredential(id);
  if (stored === null) throw new ValidationError("No credential with this id exists.");
  return stored;
}

/** Starts runs from requests: checks, opens the credential, takes the lease, and notes begin and end in the audit log. */
export function createRunStarter(options: RunStarterOptions): (request: SyncRequest) => Promise<RunHandle> {
  const { storage, encryptor, company, clients, auditor, inHand, writer, writerTo, worker, ...shared } =
    options;
  const { catalog, sink, clock, newId, leaseMs } = shared;

  return async function sync(request) {
    inHand.requireOpen();
    const { run, ...checked } = checkSyncRequest(catalog, request);
    const { actor, credentialId } = checked;
    const stored = await requireCredential(storage, credentialId);
    const { companyId, environment, tenantId } = stored;
    const profile = await companyProfile(catalog, company, companyId, checked.importId);
    const audit = createRunAudit(auditor);
    const client = await clients.open(stored, { actor, audit });
    const scratch = checked.dryRun ? createScratchStore(catalog, storage, clock, profile.columns) : null;
    const sinkWarnings: RunWarning[] = [];
    const begun = await begin().catch(async (error: unknown) => {
      await audit.flush();
      throw error;
    });
    const entry = { actor, subject: begun.run.id, companyId };
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
      storage: scratch ?? storage,
      sink: scratch === null ? sink : noSink,
      writer: scratch === null ? writer : writerTo(noSink),
      sinkWarnings,
      client,
      begun,
      company: profile,
      loadSuppressed: () => loadSuppressedRows({ store: storage, encryptor }, begun.run.scope),
      stopAfterMs: checked.stopAfterMs ?? null,
      pauseOnFailure: checked.pauseOnFailure,
      signal: checked.signal ?? null,
      diff: scratch?.diff ?? null,
      async onEnd(result, cancelledBy) {
        // The entry of its start says all of a run that looked and found nothing.
        if (result.diff === null && isIdleRun({ ...result.ledger, status: result.status })) return;
        await audit.flush();
        await auditor.record({ ...entry, ...endEntry(result, cancelledBy) });
      },
    });
    return scratch === null ? inHand.keepById(handle) : inHand.keep(handle);

    async function begin() {
      if (scratch === null) {
        await sink.check?.();
        sinkWarnings.push(...((await sink.warnings?.()) ?? []));
      }
      return await (scratch ?? storage).beginRun({
        credentialId,
        scope: { companyId, environment, tenantId },
        type: checked.type,
        request: run,
        runId: checked.runId ?? newId(),
        leaseMs,
        worker,
      });
    }
  };
}

/** Where the batches of a dry run go. */
const noSink: RecordSinkObject = { write: async () => ({ rejected: [] }) };

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
