import { type Clock, ConflictError, type RunHandle, StorageError, type SyncRequest } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { startRun } from "./start-run.js";

const leaseMs = 30_000;

/** Time that passes only by sleeping. */
function fakeClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

/** An owner that renewed its lease last at `renewals` and is silent since. */
function ownedUntil(clock: Clock, renewals: readonly number[]) {
  const run = { id: "run" } as RunHandle;
  return {
    run,
    titan: {
      async sync(): Promise<RunHandle> {
        const renewedAt = Math.max(...renewals.filter((at) => at <= clock.now()));
        const leaseEndsInMs = renewedAt + leaseMs - clock.now();
        if (leaseEndsInMs <= 0) return run;
        throw new ConflictError("The run is alive.", { runId: "other", leaseEndsInMs });
      },
    },
  };
}

function request(signal = new AbortController().signal): SyncRequest & { readonly signal: AbortSignal } {
  return { credentialId: "credential", signal };
}

describe("starting a run", () => {
  it("takes over from a silent owner as soon as its lease has ended", async () => {
    const clock = fakeClock();
    const { titan, run } = ownedUntil(clock, [0]);
    const waits: number[] = [];
    expect(await startRun(titan, request(), clock, (left) => waits.push(left))).toBe(run);
    expect(clock.now()).toBeGreaterThanOrEqual(leaseMs);
    expect(clock.now()).toBeLessThan(leaseMs + 2_000);
    expect(waits).toEqual([leaseMs]);
  });

  it("gives up soon after the owner has renewed its lease", async () => {
    const clock = fakeClock();
    const { titan } = ownedUntil(clock, [0, 10_000]);
    await expect(startRun(titan, request(), clock, () => undefined)).rejects.toThrow("The run is alive.");
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect(clock.now()).toBeLessThan(12_500);
  });

  it("does not wait for anything else that stands in the way", async () => {
    const clock = fakeClock();
    const titan = { sync: () => Promise.reject(new StorageError("No.")) };
    await expect(startRun(titan, request(), clock, () => undefined)).rejects.toThrow("No.");
    expect(clock.now()).toBe(0);
  });

  it("can be stopped while it waits", async () => {
    const clock = fakeClock();
    const { titan } = ownedUntil(clock, [0]);
    const stopper = new AbortController();
    const starting = startRun(titan, request(stopper.signal), clock, () =>
      stopper.abort(new Error("Stopped.")),
    );
    await expect(starting).rejects.toThrow("Stopped.");
  });
});
