import { describe, expect, it } from "vitest";
import { AbortedError, ConflictError, StorageError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { RunHandle } from "./run-handle.js";
import { waitOutLease } from "./wait-out-lease.js";

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
    async start(): Promise<RunHandle> {
      const renewedAt = Math.max(...renewals.filter((at) => at <= clock.now()));
      const leaseEndsInMs = renewedAt + leaseMs - clock.now();
      if (leaseEndsInMs <= 0) return run;
      throw new ConflictError("The run is alive.", { runId: "other", leaseEndsInMs });
    },
  };
}

const { signal } = new AbortController();
const onWait = (): void => undefined;

describe("starting a run", () => {
  it("takes over from a silent owner as soon as its lease has expired", async () => {
    const clock = fakeClock();
    const { start, run } = ownedUntil(clock, [0]);
    const waits: number[] = [];
    expect(await waitOutLease(start, { clock, signal, onWait: (left) => waits.push(left) })).toBe(run);
    expect(clock.now()).toBeGreaterThanOrEqual(leaseMs);
    expect(clock.now()).toBeLessThan(leaseMs + 2_000);
    expect(waits).toEqual([leaseMs]);
  });

  it("gives up soon after the owner has renewed its lease", async () => {
    const clock = fakeClock();
    const { start } = ownedUntil(clock, [0, 10_000]);
    await expect(waitOutLease(start, { clock, signal, onWait })).rejects.toThrow("The run is alive.");
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect(clock.now()).toBeLessThan(12_500);
  });

  it("does not wait for any other conflict", async () => {
    const clock = fakeClock();
    const start = () => Promise.reject(new StorageError("No."));
    await expect(waitOutLease(start, { clock, signal, onWait })).rejects.toThrow("No.");
    expect(clock.now()).toBe(0);
  });

  it("can be aborted while it waits", async () => {
    const clock = fakeClock();
    const { start } = ownedUntil(clock, [0]);
    const stopper = new AbortController();
    const starting = waitOutLease(start, {
      clock,
      signal: stopper.signal,
      onWait: () => stopper.abort(),
    });
    await expect(starting).rejects.toBeInstanceOf(AbortedError);
  });
});
