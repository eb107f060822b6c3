import {
  ConflictError,
  type DispatchedSync,
  type RunHandle,
  type Storage,
  type TitanSync,
} from "@titan-sync/core";
import type { EngineJob, JobEngine, Verdict } from "./engine.js";
import { requestOf } from "./engine-dispatcher.js";

export interface WorkerOptions {
  readonly titan: Pick<TitanSync, "sync">;
  /** The storage of `titan`. */
  readonly storage: Pick<Storage, "findRun" | "findCurrentRun" | "recordAcceptedRun">;
  readonly engine: JobEngine<DispatchedSync>;
}

const minuteMs = 60_000;
/** After failures that may pass by themselves; the next one is final. */
const restsMs = [5 * minuteMs, 15 * minuteMs, 45 * minuteMs];
const shortlyMs = 1000;

/** Executes the jobs of an engine. What it does may be repeated at any point, by any process. */
export function startEngineWorker({ titan, storage, engine }: WorkerOptions): { close(): Promise<void> } {
  const runs = new Set<RunHandle>();
  let isClosing = false;

  async function work(job: EngineJob<DispatchedSync>): Promise<Verdict> {
    const known = await storage.findRun(job.id);
    // It was done, or canceled, by a delivery that the engine does not know of.
    if (known?.completedAt != null) return "done";
    if (isClosing || (await isBehindAnother(job))) return { againMs: shortlyMs, failed: false };
    try {
      return await execute(job);
    } catch (error) {
      // Another process has the credential: its lease, not the engine, decides who works.
      if (error instanceof ConflictError) return { againMs: error.leaseEndsInMs ?? shortlyMs, failed: false };
      throw error;
    }
  }

  /** A run that waits to be continued comes first: a different request would end it. */
  async function isBehindAnother({ id, data }: EngineJob<DispatchedSync>): Promise<boolean> {
    const current = await storage.findCurrentRun(data.credentialId);
    return current !== null && current.id !== id && (await engine.find(current.id)) !== null;
  }

  async function execute(job: EngineJob<DispatchedSync>): Promise<Verdict> {
    const restMs = restsMs[job.attempts];
    const run = await titan.sync({
      ...requestOf(job.data),
      // Long runs make room for others every few minutes, and what may pass by itself is tried again.
      stopAfterMs: 5 * minuteMs,
      pauseOnFailure: restMs !== undefined,
    });
    runs.add(run);
    try {
      // An equal run that had been interrupted is continued under its id: the router then answers with that one.
      if (run.id !== job.id) await storage.recordAcceptedRun({ acceptedId: job.id, runId: run.id });
      if (isClosing) await run.handOver();
      const { status, error } = await run.result;
      if (status !== "paused") return "done";
      if (error === null || restMs === undefined) return { againMs: 0, failed: false };
      return { againMs: restMs, failed: true };
    } finally {
      runs.delete(run);
    }
  }

  const processing = engine.process(work);
  return {
    /** Hands its runs over: their jobs wait again, and the next worker continues them under their ids. */
    async close() {
      isClosing = true;
      await Promise.all([...runs].map((run) => run.handOver()));
      await processing.close();
    },
  };
}
