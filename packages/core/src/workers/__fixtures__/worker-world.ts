import { createCapturingLogger } from "../../__fixtures__/capturing-logger.js";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { ConflictError } from "../../errors.js";
import { memoryJobQueue } from "../../memory/memory-job-queue.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { SyncJob } from "../../ports/job-queue.js";
import type { RunWaitEvent, SyncEvent } from "../../ports/sync-event.js";
import type { RunFailure, RunStatus } from "../../ports/sync-run.js";
import type { RunHandle, RunResult } from "../../sync/run-handle.js";
import type { SyncRequest } from "../../sync/sync-request.js";
import { runRequestOfJob } from "../sync-of-job.js";
import { createSyncWorker, type SyncWorkerOptions } from "../sync-worker.js";

export const minuteMs = 60_000;
const leaseMs = 30_000;

/** What a scripted run does. */
export interface Script {
  /** Refuses to begin. */
  readonly refusal?: Error;
  /** How it ends; `stays` only when it is handed over or canceled, `hangs` never. @defaultValue "completed" */
  readonly ends?: Exclude<RunStatus, "queued" | "running" | "lost"> | "stays" | "hangs";
  /** Whether it makes progress. @defaultValue true */
  readonly progress?: boolean;
  readonly waits?: RunWaitEvent["reason"];
  /** Its result is a failure, and its lease stays. */
  readonly breaks?: Error;
  readonly error?: RunFailure;
}

/** A titan whose runs are scripted, on a real storage in memory and a clock that the test moves. */
export function createWorkerWorld() {
  const clock = createFakeClock(undefined, { isQuick: true });
  const logger = createCapturingLogger();
  const storage = memoryStorage({ clock });
  const queue = memoryJobQueue({ storage, clock });
  const begun: SyncRequest[] = [];
  const beganAt: number[] = [];
  const scripts = new Map<string, Script[]>();
  let jobs = 0;

  async function sync(request: SyncRequest): Promise<RunHandle> {
    begun.push(request);
    beganAt.push(clock.now());
    const { credentialId } = request;
    const series = scripts.get(credentialId) ?? [];
    const script = (series.length > 1 ? series.shift() : series[0]) ?? {};
    if (script.refusal !== undefined) throw script.refusal;
    const credential = await storage.findCredential(credentialId);
    if (credential === null) throw new Error("no credential");
    const { companyId, environment, tenantId } = credential;
    const { lease, run, resumed } = await storage.beginRun({
      credentialId,
      scope: { companyId, environment, tenantId },
      type: request.type ?? "manual",
      request: runRequestOfJob({ ...jobOf(credentialId, companyId), ...withNulls(request) }),
      runId: request.runId ?? "random",
      // As long as the run renews it.
      leaseMs: script.ends === "stays" ? 24 * 60 * minuteMs : leaseMs,
    });
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    promise.catch(() => undefined);
    async function end(
      status: "completed" | "partial" | "failed" | "cancelled" | "paused",
      handedOver = false,
    ) {
      const { warnings = [], error = null } = { error: script.error ?? null };
      const ended = await storage.endRun({ lease, status, warnings, error, handedOver });
      resolve({ runId: run.id, status: ended.status, error } as RunResult);
    }
    const { ends = "completed", progress = true } = script;
    if (script.breaks !== undefined) reject(script.breaks);
    else if (ends !== "stays" && ends !== "hangs") void end(ends);
    return {
      id: run.id,
      resumed,
      async *events() {
        const base = { runId: run.id, credentialId, companyId, at: clock.now() };
        yield { ...base, event: "run:start" } as SyncEvent;
        if (script.waits !== undefined) {
          yield { ...base, event: "run:wait", until: clock.now() + 1000, reason: script.waits };
        }
      },
      async cancel() {
        if (ends === "stays") await end("cancelled");
      },
      async handOver() {
        if (ends === "stays") await end("paused", true);
        await promise.catch(() => undefined);
      },
      hasProgressed: () => progress,
      result: promise,
    };
  }

  /** A company with a credential, whose runs are scripted one after the other; the last script stays. */
  async function addCompany(companyId: string, ...series: readonly Script[]): Promise<string> {
    const id = `credential of ${companyId}`;
    await storage.createCredential({
      id,
      companyId,
      tenantId: "1",
      environment: "production",
      clientId: "encrypted",
      clientSecret: "encrypted",
      appKey: "encrypted",
      status: "connected",
    });
    scripts.set(id, [...series]);
    return id;
  }

  async function enqueue(credentialId: string, given: Partial<SyncJob> = {}): Promise<string> {
    jobs += 1;
    const companyId = credentialId.replace("credential of ", "");
    const job = { ...jobOf(credentialId, companyId), runId: `run-${jobs}`, ...given };
    return (await queue.enqueue(job)).runId;
  }

  return {
    clock,
    logger,
    queue,
    storage,
    begun,
    /** When each of them was to begin. */
    beganAt,
    sync,
    addCompany,
    enqueue,
    /** The companies whose runs began, in order. */
    order: () => begun.map(({ credentialId }) => credentialId.replace("credential of ", "")),
    script(credentialId: string, ...series: readonly Script[]): void {
      scripts.set(credentialId, [...series]);
    },
    work(given: Partial<SyncWorkerOptions> = {}) {
      return createSyncWorker({
        titan: { sync },
        storage,
        queue,
        clock,
        logger,
        random: () => 1,
        concurrency: 1,
        name: "worker 1",
        ...given,
      });
    },
  };
}

export type WorkerWorld = ReturnType<typeof createWorkerWorld>;

export function jobOf(credentialId: string, companyId: string): SyncJob {
  return {
    runId: "run",
    credentialId,
    companyId,
    type: "scheduled",
    data: "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "schedule",
    priority: "scheduled",
  };
}

function withNulls({ from, to, by, data, mode, fresh, rederive, replay, allowRemovals }: SyncRequest) {
  const defaults = { data: data ?? "both", mode: mode ?? "incremental", fresh: fresh === true };
  const flags = {
    rederive: rederive === true,
    replay: replay === true,
    allowRemovals: allowRemovals === true,
  };
  return { ...defaults, ...flags, from: from ?? null, to: to ?? null, by: by ?? null };
}

/** What a live owner of the lease answers. */
export function heldBy(runId: string, leaseEndsInMs: number): ConflictError {
  return new ConflictError(`Run ${runId} of this credential is in progress.`, { runId, leaseEndsInMs });
}
