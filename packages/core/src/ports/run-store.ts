import type { Completeness } from "./credential-state.js";
import type {
  EndStatus,
  RunFailure,
  RunLease,
  RunRequest,
  RunWarning,
  RunWorker,
  StoredRun,
  SyncType,
} from "./sync-run.js";
import type { TenantScope } from "./tenant.js";

export interface BeginParams {
  readonly credentialId: string;
  readonly scope: TenantScope;
  readonly type: SyncType;
  readonly request: RunRequest;
  /** The id of the run if a new one is started. */
  readonly runId: string;
  readonly leaseMs: number;
  /** Who takes the lease. @defaultValue not known */
  readonly worker?: RunWorker | null | undefined;
}

export interface StartedRun {
  readonly lease: RunLease;
  readonly run: StoredRun;
  /** Whether an earlier run, dead or paused, is continued. */
  readonly resumed: boolean;
}

/** What a run's owner learns when it renews its lease. */
export interface LeaseRenewal {
  /** The first actor who asked this owner to cancel the run; `null` if nobody did. */
  readonly cancelRequestedBy: string | null;
}

export interface CancelParams {
  readonly companyId: string;
  readonly runId: string;
  /** Who wants the run to be cancelled. */
  readonly actor: string;
}

/**
 * The outcome of a request to cancel a run.
 * - `requested`: the run has an owner, which will see the request with its next heartbeat.
 * - `cancelled`: nobody was working on the run; it has ended `cancelled`.
 * - `ended`: the run had already ended.
 */
export type CancelOutcome = "requested" | "cancelled" | "ended";

/**
 * Stores who owns a run, and its progress. The holder of a credential's lease owns its run. Each writing verb is one
 * transaction. All of them except `beginRun`, `recordAcceptedRun`, `recordCancelledRun` and `requestRunCancellation` require the lease: they fail with
 * {@link LeaseLostError} and change nothing if the fence is not the latest or the lease has expired. The same is true
 * of the writing verbs of {@link LandingStore}, {@link WorkQueue} and {@link DeliveryStore}.
 */
export interface RunStore {
  /**
   * Stores which run fulfills an accepted id under which no run begins: its job was merged into another one, or its run
   * continued an earlier one; or which run does the work of one that was superseded. A later run replaces the earlier.
   * Requires no lease, and may be repeated. Does nothing if a run has this id that was not superseded, or if it would
   * lead to itself.
   * @param params.runId - Need not have begun yet. It may be such an id itself, also if that is stored later.
   */
  recordAcceptedRun(params: { readonly acceptedId: string; readonly runId: string }): Promise<void>;
  /**
   * Acquires the lease of a credential. A dead or paused run with an equal request continues under its id. One with a
   * different request ends `failed` with the code `SUPERSEDED`, and a new run starts. If an owner died before it could
   * act on a {@link RunStore.requestRunCancellation}, its run ends `cancelled`, and a new run starts.
   * @throws {@link ConflictError} with the run's id and the time left while another owner's lease has not expired; with
   * the run's id if `runId` already exists, even if it is the run that this call just ended as `cancelled`.
   */
  beginRun(params: BeginParams): Promise<StartedRun>;
  /** Extends the lease until `leaseMs` from now. Uses its own transaction and never waits for other writers. */
  renewLease(params: { readonly lease: RunLease; readonly leaseMs: number }): Promise<LeaseRenewal>;
  /**
   * Asks a run's owner to cancel it. Requires no lease. While the owner's lease has not expired, the request is stored
   * for the owner, without waiting for other writers. A run that nobody owns ends `cancelled`, as a takeover would end
   * it. The request is only for the current owner: it is dropped with the lease, and no later run sees it. May be
   * repeated.
   * @returns `null` if the company has no run with this id.
   */
  requestRunCancellation(params: CancelParams): Promise<CancelOutcome | null>;
  /**
   * Adds a run to the history that was cancelled before it began: it began and ended at this moment, and the state of
   * its credential is unchanged. Requires no lease, and may happen while a run of the credential is in progress. A
   * {@link RunStore.beginRun} that would start this run fails from then on.
   * @returns `false`, with nothing changed, if a run has this id, or the credential is gone or is another tenant's.
   */
  recordCancelledRun(params: Omit<BeginParams, "leaseMs" | "worker">): Promise<boolean>;
  /**
   * Stores the run's end, the time of the credential's last sync and what {@link CredentialStateStore} keeps of the
   * run, and releases the lease. If `status` is `paused` but somebody has asked to cancel the run, it ends `cancelled`.
   */
  endRun(params: {
    readonly lease: RunLease;
    readonly status: EndStatus;
    readonly warnings: readonly RunWarning[];
    readonly error: RunFailure | null;
    /** What the run found to be complete, for the credential's state. @defaultValue nothing */
    readonly completeness?: Completeness | undefined;
    /** Whether the owner hands the run over: a run that ends `paused` then counts it. @defaultValue false */
    readonly handedOver?: boolean | undefined;
  }): Promise<StoredRun>;
  /**
   * Runs whose worker stopped renewing its lease and that nobody has continued: those with the status `lost`, the
   * longest lost first.
   */
  listLostRuns(params: { readonly limit: number }): Promise<readonly StoredRun[]>;
  /**
   * Ends a lost run `failed` with this error, as its worker would have; `cancelled` if somebody had asked to cancel it.
   * @returns the ended run; `null`, with nothing changed, if it is not lost: its worker is back, another one continues
   * it, or it has ended.
   */
  endLostRun(params: { readonly runId: string; readonly error: RunFailure }): Promise<StoredRun | null>;
  /**
   * Stores how far the run has come in one piece of its work, and replaces the earlier place. Only the engine
   * interprets it. Deleted when the run ends with a status other than `paused`.
   */
  saveRunPlace(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    /** Names the piece of work. */
    readonly work: string;
    /** As JSON text. */
    readonly place: string;
  }): Promise<void>;
  /** The places of a run that {@link RunStore.saveRunPlace} stored, by piece of work. */
  findRunPlaces(params: {
    readonly scope: TenantScope;
    readonly runId: string;
  }): Promise<ReadonlyMap<string, string>>;
}
