import type { SyncEvent } from "./sync-event.js";
import type { RangeField, SyncData, SyncMode, SyncType } from "./sync-run.js";

/**
 * A sync that somebody asked for: what `titan.sync` takes, as plain data that can wait in a queue. Dry runs are
 * not dispatched: whoever asks for one waits for what it says.
 */
export interface DispatchedSync {
  /** The id of the run if a new one is started. */
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly type: SyncType;
  readonly data: SyncData;
  readonly mode: SyncMode;
  readonly fresh: boolean;
  readonly rederive: boolean;
  readonly replay: boolean;
  /** A date or an instant, UTC; `null` is open, as it is for `to`. */
  readonly from: string | null;
  readonly to: string | null;
  /** `null` goes by the time of the last change. */
  readonly by: RangeField | null;
  readonly allowRemovals: boolean;
  /** Who asks, for the audit log. */
  readonly actor: string;
}

/** What became of a dispatched sync. */
export interface Dispatched {
  /** The run that does the work: an earlier one where that is continued. */
  readonly runId: string;
  /** `queued` until somebody has begun it. */
  readonly status: "queued" | "running";
}

/** A sync that waits. */
export interface QueuedSync extends DispatchedSync {
  /** Epoch milliseconds. */
  readonly queuedAt: number;
}

/** Decides where a triggered run is executed: in this process, or by whoever takes it from a queue. */
export interface RunDispatcher {
  /**
   * Resolves when the run has begun or is safely queued; what happens to it afterwards is in the history.
   * @throws {@link ConflictError} with the run's id while a run of the credential is alive, and whatever
   * `titan.sync` refuses a request with.
   */
  dispatch(sync: DispatchedSync): Promise<Dispatched>;
  /**
   * Has a run stopped, or taken out of the queue. May be repeated.
   * @returns `false` when the run is executed where this dispatcher does not reach: it is then asked to stop through
   * the storage, with `titan.runs.cancel`.
   */
  cancel(params: {
    readonly credentialId: string;
    readonly runId: string;
    readonly actor: string;
  }): Promise<boolean>;
  /** A sync that nobody has begun yet; `null` when there is none. Absent where nothing ever waits. */
  findQueued?(by: { readonly runId: string } | { readonly credentialId: string }): Promise<QueuedSync | null>;
  /**
   * Tells of every event of the runs that are executed in this process, until the returned function is called.
   * Absent where none are: their progress is then read from the storage.
   */
  subscribe?(listener: (event: SyncEvent) => void): () => void;
  /** Takes no more syncs, and stops or hands over those in hand. May be called twice. */
  close(): Promise<void>;
}
