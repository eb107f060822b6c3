import type { CredentialManager } from "./credentials/credential-manager.js";
import type { CompanyStore } from "./ports/company-directory.js";
import type { Storage } from "./ports/storage.js";
import type { RunHandle } from "./sync/run-handle.js";
import type { SyncRequest } from "./sync/sync-request.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";

/** Copies ServiceTitan customers and invoices of many companies into a host's pipeline. */
export interface TitanSync extends AsyncDisposable {
  /** Create, list and test credentials. */
  readonly credentials: CredentialManager;
  /** Details of companies, for hosts without a `company` function. */
  readonly companies: CompanyStore;
  /** Runs, rejections and current records, to read. */
  readonly history: Pick<
    Storage,
    "findRun" | "findCurrentRun" | "listRuns" | "measureRuns" | "listRejections" | "listRecords" | "listAudit"
  >;
  /**
   * Starts a run, or continues a dead or paused one that was asked for equally. Resolves when the lease is taken.
   * @throws {@link ValidationError} for an unusable request, {@link ConflictError} while the credential's run
   * is alive elsewhere, {@link InvalidCredentialsError} when the credential was refused before.
   */
  sync(request: SyncRequest): Promise<RunHandle>;
  /** Cancels the runs in hand and waits for them. Storage and sink stay open. May be called twice. */
  close(): Promise<void>;
}

export declare function createTitanSync(options: TitanSyncOptions): TitanSync;
