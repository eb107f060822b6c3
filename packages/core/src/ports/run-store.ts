import type {
  RunFailure,
  RunLease,
  RunRequest,
  RunStatus,
  RunWarning,
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
}

export interface StartedRun {
  readonly lease: RunLease;
  readonly run: StoredRun;
  /** Whether an earlier, dead or paused run is continued. */
  readonly resumed: boolean;
}

/** What a heartbeat learns. */
export interface LeaseRenewal {
  /** Who asked this owner to cancel the run, the first where there were several; `null` when nobody did. */
  readonly cancelRequestedBy: string | null;
}

export interface CancelParams {
  readonly companyId: string;
  readonly runId: string;
  /** Who asks. */
  readonly actor: string;
}

/**
 * The outcome of the request to cancel a run: its owner was asked and learns it with the next heartbeat; nobody
 * worked on it, and it has ended `cancelled`; it had ended before.
 */
export type CancelOutcome = "requested" | "cancelled" | "ended";

/**
 * Who works on a run, and how far it has come. A run belongs to whoever has its credential's lease. Each writing verb is
 * one transaction; all but `beginRun` and `requestRunCancellation` require the lease: they fail with
 * {@link LeaseLostError} and change nothing when the fence is not the latest or has expired. So do the writing verbs of
 * {@link LandingStore}, {@link WorkQueue} and {@link DeliveryStore}.
 */
export interface RunStore {
  /**
   * Takes the lease of a credential. A dead or paused run with an equal request is continued under its id;
   * one with a different request is ended `failed` with code `SUPERSEDED`, and a new one starts. One whose owner
   * died before it could obey a {@link RunStore.requestRunCancellation} is ended `cancelled`, and a new one starts.
   * @throws {@link ConflictError} with the run's id and the time left while another owner's lease has not
   * expired; with the run's id when `runId` is taken, be it by the very run that this call ended `cancelled`.
   */
  beginRun(params: BeginParams): Promise<StartedRun>;
  /** Extends the lease by `leaseMs` from now. In its own transaction, never behind other writers. */
  renewLease(params: { readonly lease: RunLease; readonly leaseMs: number }): Promise<LeaseRenewal>;
  /**
   * Has a run cancelled, whoever works on it. Needs no lease: while the owner's has not expired, the request is only
   * kept for the owner, never behind other writers; a run that nobody owns ends `cancelled` as a takeover would
   * end it. The wish is for this owner: it ends with the lease, and no later run sees it. May be repeated.
   * @returns `null` for a run that this company does not have.
   */
  requestRunCancellation(params: CancelParams): Promise<CancelOutcome | null>;
  /**
   * Stores the run's end, the time of the credential's last sync, and gives the lease back. A run that is to
   * pause, but was to be cancelled, ends `cancelled`.
   */
  endRun(params: {
    readonly lease: RunLease;
    readonly status: Exclude<RunStatus, "queued" | "running">;
    readonly warnings: readonly RunWarning[];
    readonly error: RunFailure | null;
  }): Promise<StoredRun>;
  /**
   * Keeps how far the run has come in a piece of its work, in the place of what was kept of it before. Stored as
   * given: its meaning is the engine's. Forgotten when the run ends other than paused.
   */
  saveRunPlace(params: {
    readonly lease: RunLease;
    readonly scope: TenantScope;
    /** Names the piece of work. */
    readonly work: string;
    /** As JSON text. */
    readonly place: string;
  }): Promise<void>;
  /** What {@link RunStore.saveRunPlace} keeps of a run, by the piece of work. */
  findRunPlaces(params: {
    readonly scope: TenantScope;
    readonly runId: string;
  }): Promise<ReadonlyMap<string, string>>;
}
