import type { SyncEvent } from "./sync-event.js";
import type { RangeField, SyncData, SyncMode, SyncType } from "./sync-run.js";

/**
 * A requested sync: the arguments of `titan.sync` as plain data that can wait in a queue. Dry runs are not dispatched:
 * the caller waits for their result.
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
  /** `null` uses the time of the last change. */
  readonly by: RangeField | null;
  readonly allowRemovals: boolean;
  /** Who requested it, for the audit log. */
  readonly actor: string;
}

/** The state of a dispatched sync. */
export interface Dispatched {
  /** The run that does the work; an earlier run if that is continued. */
  readonly runId: string;
  /** `queued` until a process has started it. */
  readonly status: "queued" | "running";
}

/** A sync that waits. */
export interface QueuedSync extends DispatchedSync {
  /** Epoch milliseconds. */
  readonly queuedAt: number;
}

/** Decides where a triggered run is executed: in this process, or by a worker that takes it from a queue. */
export interface RunDispatcher {
  /**
   * Resolves when the run has begun or is safely queued; its further progress is in the history.
   * @throws {@link ConflictError} with the run's id while a run of the credential is in progress, and every error with
   * which `titan.sync` refuses a request.
   */
  dispatch(sync: DispatchedSync): Promise<Dispatched>;
  /**
   * Stops a run, or removes it from the queue. May be repeated.
   * @returns `false` when the run is executed where this dispatcher does not reach: it is then asked to stop through
   * the storage, with `titan.runs.cancel`.
   */
  cancel(params: {
    readonly credentialId: string;
    readonly runId: string;
    readonly actor: string;
  }): Promise<boolean>;
  /** A sync that has not been started yet; `null` when there is none. Absent if nothing is ever queued. */
  findQueued?(by: { readonly runId: string } | { readonly credentialId: string }): Promise<QueuedSync | null>;
  /**
   * Reports every event of the runs that are executed in this process, until the returned function is called. Absent if
   * there are none: their progress is then read from the storage.
   */
  subscribe?(listener: (event: SyncEvent) => void): () => void;
  /** Accepts no more syncs, and stops or hands over current ones. May be called twice. */
  close(): Promise<void>;
}
