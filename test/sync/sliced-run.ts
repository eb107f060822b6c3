import { type Clock, LeaseLostError, type RunLease, type RunResult, type Storage } from "@titan-sync/core";
import type { World } from "./world.js";

/** Stands for the time after which a run is to pause; it has passed when the slicer says so. */
export const sliceMs = 3_600_000;

/** How a slice ends: after this many steps, which are requests to the API and writes to the storage. */
export interface Cut {
  readonly how: "pause" | "kill";
  readonly afterSteps: number;
}

/** Ends slices of runs at steps, not at times. */
export interface Slicer {
  readonly clock: Clock;
  /** Lets time go by at once. */
  pass(ms: number): void;
  /** To be called before each request to the API. */
  step(): void;
  /** Storage whose writes are steps, and whose owner is dead once it was killed. */
  wrap(storage: Storage): Storage;
  /** Begins a slice. */
  next(cut: Cut): void;
  /** Whose run it is by now. */
  lease(): RunLease | null;
  wasKilled(): boolean;
  /** The writing verbs that were called, in their order. */
  verbs(): readonly string[];
}

const writes = [
  "landRows",
  "sweepFeed",
  "enqueueKeys",
  "expandKeys",
  "claimKeys",
  "stageBatch",
  "settleKeys",
  "requeueKeys",
  "saveRunPlace",
  "forgetSeenIds",
] as const;

export function createSlicer(): Slicer {
  let left = Number.POSITIVE_INFINITY;
  let how: Cut["how"] = "pause";
  let isDead = false;
  let passed = 0;
  const called: string[] = [];
  let lease: RunLease | null = null;
  let pause: () => void = () => undefined;
  /** Of runs that are to pause: what they sleep from then on is what they may take beyond their time. */
  const pausing = new WeakSet<AbortSignal>();

  function step(): void {
    left -= 1;
    if (left > 0) return;
    if (how === "kill") isDead = true;
    else pause();
  }

  function requireAlive(): void {
    if (isDead) throw new LeaseLostError("The process was killed.");
  }

  return {
    clock: {
      now: () => Date.now() + passed,
      async sleep(ms, signal) {
        signal?.throwIfAborted();
        const isPause = ms === sliceMs;
        const isOvertime = signal !== undefined && pausing.has(signal);
        if (isPause && signal !== undefined) pausing.add(signal);
        await new Promise<void>((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
          if (isPause) pause = resolve;
          else if (!isOvertime) setTimeout(resolve, Math.min(ms, 1000)).unref();
        });
      },
    },
    pass(ms) {
      passed += ms;
    },
    step,
    wrap(storage) {
      const wrapped = { ...storage };
      for (const verb of writes) {
        const own = storage[verb] as (params: unknown) => Promise<unknown>;
        Object.assign(wrapped, {
          async [verb](params: unknown) {
            requireAlive();
            called.push(verb);
            const answer = await own(params);
            step();
            return answer;
          },
        });
      }
      return {
        ...wrapped,
        async beginRun(params) {
          const begun = await storage.beginRun(params);
          lease = begun.lease;
          return begun;
        },
        async renewLease(params) {
          requireAlive();
          return await storage.renewLease(params);
        },
        async endRun(params) {
          requireAlive();
          return await storage.endRun(params);
        },
      };
    },
    next(cut) {
      left = cut.afterSteps;
      how = cut.how;
      isDead = false;
      lease = null;
    },
    lease: () => lease,
    wasKilled: () => isDead,
    verbs: () => called,
  };
}

/** A run in slices, each ended by the next cut, until it ends on its own. */
export async function syncInSlices(
  world: World,
  slicer: Slicer,
  request: Parameters<World["sync"]>[0],
  cuts: Iterator<Cut>,
): Promise<{ readonly result: RunResult; readonly slices: number }> {
  const storage = slicer.wrap(world.storage);
  for (let slices = 1; ; slices += 1) {
    const cut = cuts.next();
    slicer.next(cut.done === true ? { how: "pause", afterSteps: Number.POSITIVE_INFINITY } : cut.value);
    const result = await attempt(() => world.syncOn(storage, { ...request, stopAfterMs: sliceMs }));
    if (slicer.wasKilled()) await expire(world.storage, slicer.lease());
    else if (result !== null && result.status !== "paused") return { result, slices };
  }
}

async function attempt(sync: () => Promise<RunResult>): Promise<RunResult | null> {
  try {
    return await sync();
  } catch (error) {
    if (error instanceof LeaseLostError) return null;
    throw error;
  }
}

/** The dead owner's lease runs out. */
async function expire(storage: Storage, lease: RunLease | null): Promise<void> {
  if (lease === null) return;
  try {
    await storage.renewLease({ lease, leaseMs: 1 });
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
