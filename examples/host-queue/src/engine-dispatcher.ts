import {
  AbortedError,
  type DispatchedSync,
  type RunDispatcher,
  type RunRequest,
  type Storage,
  type SyncRequest,
  type TitanSync,
} from "@titan-sync/core";
import type { JobEngine } from "./engine.js";

export interface DispatcherOptions {
  readonly titan: Pick<TitanSync, "checkSync">;
  /** The storage of `titan`. */
  readonly storage: Pick<Storage, "findCredential" | "findRun" | "recordCancelledRun">;
  readonly engine: JobEngine<DispatchedSync>;
}

/**
 * Puts the syncs of the router into an engine. The id of a job is the accepted run id: a request that is repeated by its
 * `Idempotency-Key` has the same one, and starts nothing new.
 */
export function createEngineDispatcher({ titan, storage, engine }: DispatcherOptions): RunDispatcher {
  let isClosed = false;
  return {
    async dispatch(sync) {
      if (isClosed) throw new AbortedError("No new syncs are accepted: this process is shutting down.");
      const run = await storage.findRun(sync.runId);
      if (run !== null) return { runId: run.id, status: "running" };
      // A request that cannot be executed is refused now, rather than in a worker.
      await titan.checkSync(requestOf(sync));
      await engine.add({ id: sync.runId, data: sync });
      return { runId: sync.runId, status: "queued" };
    },

    async cancel({ credentialId, runId }) {
      const job = await engine.find(runId);
      // A worker has it, or its run has begun: the router cancels that through the storage.
      if (job === null || !(await engine.remove(runId))) return false;
      const credential = await storage.findCredential(credentialId);
      if (credential === null) return true;
      const { companyId, environment, tenantId } = credential;
      const scope = { companyId, environment, tenantId };
      const { type } = job.data;
      return await storage.recordCancelledRun({
        ...{ runId, credentialId, scope, type },
        request: storedRequestOf(job.data),
      });
    },

    async findQueued(by) {
      if (!("runId" in by)) return null;
      const job = await engine.find(by.runId);
      return job === null ? null : { ...job.data, queuedAt: job.queuedAt };
    },

    async close() {
      isClosed = true;
    },
  };
}

/** The call of `titan.sync` that a job stands for. */
export function requestOf({ companyId: _, from, to, by, ...sync }: DispatchedSync): SyncRequest {
  const range = { from: from ?? undefined, to: to ?? undefined, by: by ?? undefined };
  return from === null && to === null ? sync : { ...sync, ...range };
}

/** The same as the history shows it. */
function storedRequestOf(sync: DispatchedSync): RunRequest {
  const { data, mode, fresh, rederive, replay, allowRemovals, from, to, by } = sync;
  const range = from === null && to === null ? null : { from, to, by: by ?? "modified" };
  return { data, mode, fresh, rederive, range, allowRemovals, ...(replay && { replay }) };
}
