import { AbortedError } from "../errors.js";
import type { RunHandle } from "./run-handle.js";

type Cancellable = Pick<RunHandle, "cancel"> & { readonly result: Promise<unknown> };

/** What one instance works on, until it is closed. */
export interface RunsInHand {
  /** @throws {@link AbortedError} when the instance was closed. */
  requireOpen(): void;
  /** Registers a run until it ends, and cancels it when the instance is closed. */
  keep<Handle extends Cancellable>(handle: Handle): Handle;
  /** Keeps a run by its id as well. Not for dry runs: the storage does not know them. */
  keepById(handle: RunHandle): RunHandle;
  /** `null` if it is not a run of this instance. */
  find(runId: string): RunHandle | null;
  /** Cancels everything and waits for it. May be called twice. */
  close(): Promise<void>;
}

export function createRunsInHand(): RunsInHand {
  const inHand = new Set<Cancellable>();
  const byId = new Map<string, RunHandle>();
  let closing: Promise<void> | null = null;

  function keep<Handle extends Cancellable>(handle: Handle): Handle {
    const forget = (): void => void inHand.delete(handle);
    inHand.add(handle);
    handle.result.then(forget, forget);
    if (closing !== null) void handle.cancel();
    return handle;
  }

  return {
    requireOpen() {
      if (closing !== null) throw new AbortedError("This instance was closed.");
    },
    keep,
    keepById(handle) {
      const forget = (): void => {
        // A run that lost its lease may have been continued here under its id.
        if (byId.get(handle.id) === handle) byId.delete(handle.id);
      };
      byId.set(handle.id, handle);
      handle.result.then(forget, forget);
      return keep(handle);
    },
    find: (runId) => byId.get(runId) ?? null,
    async close() {
      closing ??= Promise.all([...inHand].map((handle) => handle.cancel())).then(() => undefined);
      await closing;
    },
  };
}
