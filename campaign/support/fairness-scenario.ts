import {
  createSyncWorker,
  type Environment,
  memoryJobQueue,
  memoryStorage,
  type RunHandle,
  type RunResult,
  type SyncJob,
  type SyncRequest,
} from "@titan-sync/core";
import { createFakeClock } from "../../packages/core/src/__fixtures__/fake-clock.js";

const secondMs = 1000;
/** Of a run whose work takes longer, what is stored at once. */
const batchMs = 2 * secondMs;
/** Long: renewing them is not what is looked at. */
const claimMs = 10 * 60 * secondMs;

/** When one of the queue's jobs was put there, and when its run began for the first time. */
export interface Start {
  readonly companyId: string;
  readonly queuedAt: number;
  beganAt: number | null;
}

/** Workers of one queue by a simulated clock, whose runs take time and do nothing. */
export interface FairnessWorld {
  readonly now: () => number;
  /**
   * A credential of a company, which has two at most.
   * @param workMs - how long each of its runs works, all slices together.
   */
  add(credentialId: string, companyId: string, workMs: number): Promise<void>;
  /** @returns `null` when a job of the credential waits already. */
  enqueue(credentialId: string, given: Pick<SyncJob, "priority" | "mode">): Promise<string | null>;
  readonly starts: ReadonlyMap<string, Start>;
  /** The run ids of first begins, in order. */
  readonly order: readonly string[];
  /** How many slices each run has had. */
  readonly slices: ReadonlyMap<string, number>;
  readonly completed: ReadonlySet<string>;
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface Credential {
  readonly companyId: string;
  readonly environment: Environment;
  readonly workMs: number;
  /** What an unfinished run has left. */
  leftMs: number;
}

export function createFairnessWorld(workers: number, concurrency: number): FairnessWorld {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const queue = memoryJobQueue({ storage, clock });
  const credentials = new Map<string, Credential>();
  const starts = new Map<string, Start>();
  const order: string[] = [];
  const slices = new Map<string, number>();
  const completed = new Set<string>();
  let jobs = 0;

  async function sync({ credentialId, runId = "none", stopAfterMs }: SyncRequest): Promise<RunHandle> {
    const credential = credentials.get(credentialId);
    if (credential === undefined) throw new RangeError(`There is no ${credentialId}.`);
    const { lease, run, resumed } = await storage.beginRun({
      credentialId,
      scope: { companyId: credential.companyId, environment: credential.environment, tenantId: "1" },
      type: "scheduled",
      request: requestOf(runId),
      runId,
      leaseMs: 24 * 60 * 60 * secondMs,
    });
    const start = starts.get(run.id);
    if (start !== undefined && start.beganAt === null) {
      start.beganAt = clock.now();
      order.push(run.id);
    }
    slices.set(run.id, (slices.get(run.id) ?? 0) + 1);
    const stop = new AbortController();
    let hasProgressed = false;

    async function work(): Promise<RunResult> {
      const endsAt = clock.now() + (stopAfterMs ?? Number.POSITIVE_INFINITY);
      while (credential !== undefined && credential.leftMs > 0) {
        if (stop.signal.aborted || clock.now() >= endsAt) return await end("paused");
        // A batch is not interrupted.
        const stepMs = Math.min(batchMs, credential.leftMs);
        await clock.sleep(stepMs);
        credential.leftMs -= stepMs;
        hasProgressed = true;
      }
      if (credential !== undefined) credential.leftMs = credential.workMs;
      completed.add(run.id);
      return await end("completed");
    }

    async function end(status: "completed" | "paused"): Promise<RunResult> {
      await storage.endRun({ lease, status, warnings: [], error: null, handedOver: stop.signal.aborted });
      return { runId: run.id, status, error: null } as unknown as RunResult;
    }

    const result = work();
    result.catch(() => undefined);
    return {
      id: run.id,
      resumed,
      async *events() {},
      cancel: async () => undefined,
      async handOver() {
        stop.abort();
        await result;
      },
      hasProgressed: () => hasProgressed,
      result,
    };
  }

  function requestOf(runId: string) {
    const mode = starts.has(runId) && runId.includes("full") ? ("full" as const) : ("incremental" as const);
    return { data: "both", mode, fresh: false, rederive: false, range: null, allowRemovals: false } as const;
  }

  function environmentOf(companyId: string): Environment {
    const isTaken = [...credentials.values()].some((other) => other.companyId === companyId);
    return isTaken ? "integration" : "production";
  }

  const running = Array.from({ length: workers }, (_, index) =>
    createSyncWorker({
      ...{ titan: { sync }, storage, queue, clock, concurrency },
      name: `worker ${index + 1}`,
      random: () => 1,
      claimMs,
    }),
  );

  return {
    now: clock.now,
    starts,
    order,
    slices,
    completed,
    advance: clock.advance,

    async add(credentialId, companyId, workMs) {
      const environment = environmentOf(companyId);
      const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
      await storage.createCredential({
        ...{ id: credentialId, companyId, tenantId: "1", status: "connected" },
        environment,
        ...secrets,
      });
      credentials.set(credentialId, { companyId, environment, workMs, leftMs: workMs });
    },

    async enqueue(credentialId, given) {
      jobs += 1;
      const companyId = credentials.get(credentialId)?.companyId ?? "none";
      const runId = `${given.mode} ${jobs}`;
      starts.set(runId, { companyId, queuedAt: clock.now(), beganAt: null });
      const { outcome } = await queue.enqueue(jobOf(runId, credentialId, companyId, given), {
        unlessWaiting: true,
      });
      if (outcome === "queued") return runId;
      starts.delete(runId);
      return null;
    },

    async close() {
      const closing = Promise.all(running.map((worker) => worker.close()));
      await clock.advance(10 * secondMs);
      await closing;
    },
  };
}

function jobOf(
  runId: string,
  credentialId: string,
  companyId: string,
  given: Pick<SyncJob, "priority" | "mode">,
): SyncJob {
  return {
    ...{ runId, credentialId, companyId, type: "scheduled", data: "both", fresh: false, rederive: false },
    ...{ replay: false, from: null, to: null, by: null, allowRemovals: false, actor: "schedule" },
    ...given,
  };
}
