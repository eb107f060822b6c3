import { expect, test } from "vitest";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { LeaseLostError, StorageError } from "../../errors.js";
import { silentLogger } from "../../ports/logger.js";
import type { LeaseRenewal } from "../../ports/run-store.js";
import { keepLease } from "./lease-keeper.js";

const lease = { credentialId: "c", runId: "r", fence: 1 };

const unasked: LeaseRenewal = { cancelRequestedBy: null };

function keep(heartbeat: () => Promise<LeaseRenewal>) {
  const clock = createFakeClock();
  const lost: LeaseLostError[] = [];
  const asked: string[] = [];
  const stop = keepLease({
    store: { renewLease: heartbeat },
    lease,
    leaseMs: 30_000,
    clock,
    logger: silentLogger,
    onLost: (error) => lost.push(error),
    onCancel: (requestedBy) => asked.push(requestedBy),
  });
  return { clock, lost, asked, stop };
}

test("a lease is extended three times within its duration, until stopped", async () => {
  let beats = 0;
  const { clock, lost, stop } = keep(async () => {
    beats += 1;
    return unasked;
  });
  await clock.advance(30_000);
  expect(beats).toBe(3);
  await stop();
  await clock.advance(30_000);
  expect(beats).toBe(3);
  expect(lost).toEqual([]);
});

test("a lease that another owner took is lost at once", async () => {
  const { clock, lost, stop } = keep(async () => {
    throw new LeaseLostError("taken");
  });
  await clock.advance(10_000);
  expect(lost).toHaveLength(1);
  await stop();
});

test("a request to cancel the run is noticed with the next heartbeat, and the lease is kept until the end", async () => {
  let requestedBy: string | null = null;
  let beats = 0;
  const { clock, lost, asked, stop } = keep(async () => {
    beats += 1;
    return { cancelRequestedBy: requestedBy };
  });
  await clock.advance(10_000);
  expect(asked).toEqual([]);
  requestedBy = "ann";
  await clock.advance(10_000);
  expect(asked).toEqual(["ann"]);
  await clock.advance(10_000);
  expect(beats).toBe(3);
  await stop();
  expect(lost).toEqual([]);
});

test("a storage that fails for a while loses nothing", async () => {
  let beats = 0;
  const { clock, lost, stop } = keep(async () => {
    beats += 1;
    if (beats < 3) throw new StorageError("down", { retryable: true });
    return unasked;
  });
  await clock.advance(40_000);
  expect(lost).toEqual([]);
  await stop();
});

test("a storage that fails for the whole duration of the lease loses it", async () => {
  const { clock, lost, stop } = keep(async () => {
    throw new StorageError("down", { retryable: true });
  });
  await clock.advance(29_000);
  expect(lost).toEqual([]);
  await clock.advance(1000);
  expect(lost).toHaveLength(1);
  expect(lost[0]?.message).toContain("could not be extended in time");
  await stop();
});
