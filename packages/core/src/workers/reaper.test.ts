import { describe, expect, it } from "vitest";
import { StorageError } from "../errors.js";
import type { StoredRun } from "../ports/sync-run.js";
import { createWorkerWorld, jobOf, minuteMs } from "./__fixtures__/worker-world.js";
import { reapLostRuns } from "./reaper.js";

const leaseMs = 30_000;

/** A run that has begun without a queue, and whose owner is dead. */
async function createFixture() {
  const world = createWorkerWorld();
  const credentialId = await world.addCompany("acme", { ends: "hangs" }, {});
  await world.sync({
    ...jobOf(credentialId, "acme"),
    runId: "lost",
    from: "2026-01-01",
    to: undefined,
    by: undefined,
  });
  const stop = new AbortController();
  const reap = (given: Partial<Parameters<typeof reapLostRuns>[0]> = {}) =>
    reapLostRuns({ ...world, signal: stop.signal, ...given });
  const find = async (): Promise<StoredRun | null> => await world.storage.findRun("lost");
  return { world, credentialId, stop, reap, find };
}

describe("a run whose owner died", () => {
  it("is continued under its id by a worker within its lease and ten seconds, whoever had begun it", async () => {
    const { world, find } = await createFixture();
    const worker = world.work();
    await world.clock.advance(leaseMs - 1);
    expect(await find()).toMatchObject({ status: "running" });
    await world.clock.advance(10_000);
    expect(await find()).toMatchObject({ status: "completed" });
    expect((await world.storage.listRuns({}, { limit: 9 })).items).toHaveLength(1);
    await worker.close();
  });

  it("is queued once, by any number of reapers", async () => {
    const { world, stop, reap } = await createFixture();
    const reaping = Promise.all([reap(), reap(), reap()]);
    await world.clock.advance(minuteMs);
    expect(await world.queue.stats()).toMatchObject({ waiting: { bulk: 1, scheduled: 0, manual: 0 } });
    expect(await world.queue.findWaiting({ runId: "lost" })).toMatchObject({
      mode: "incremental",
      from: "2026-01-01T00:00:00.000Z",
      by: "modified",
    });
    stop.abort();
    await reaping;
  });

  it("is left to the job that it has, whether that waits or is claimed", async () => {
    const { world, credentialId, stop, reap } = await createFixture();
    await world.enqueue(credentialId, { runId: "lost", from: "2026-01-01" });
    const reaping = reap();
    await world.clock.advance(minuteMs);
    await world.queue.claim({ worker: "worker 1", claimMs: 10 * minuteMs });
    await world.clock.advance(minuteMs);
    expect(await world.queue.stats()).toMatchObject({ claimed: 1, waiting: { scheduled: 0, bulk: 0 } });
    expect(world.logger.lines).toEqual([]);
    stop.abort();
    await reaping;
  });

  it.each(["paused", "refused"] as const)(
    "ends failed with that as its cause if its credential is %s",
    async (hold) => {
      const { world, credentialId, stop, reap, find } = await createFixture();
      if (hold === "paused") {
        await world.storage.pauseCredential({ credentialId, reason: "moving", actor: "ann", until: null });
      } else await world.storage.setConnectionStatus({ id: credentialId, version: 1, status: "error" });
      const reaping = reap();
      await world.clock.advance(leaseMs + 10_000);
      expect(await find()).toMatchObject({ status: "failed", error: { code: "WORKER_LOST" } });
      expect((await world.storage.listAudit({}, { limit: 9 })).items).toMatchObject([
        { action: "sync:end", outcome: "failure", subject: "lost", actor: "system" },
      ]);
      expect(await world.queue.findWaiting({ credentialId })).toBeNull();
      stop.abort();
      await reaping;
    },
  );

  it("was queued once more if it had been continued and ended while its reaper looked at others", async () => {
    const { world, stop, reap, find } = await createFixture();
    await world.clock.advance(leaseMs);
    const [lost] = await world.storage.listLostRuns({ limit: 9 });
    const error = { code: "WORKER_LOST", message: "It died.", hint: null };
    await world.storage.endLostRun({ runId: "lost", error });
    const listed = [lost].filter((run) => run !== undefined);
    const reaping = reap({ storage: { ...world.storage, listLostRuns: async () => listed } });
    await world.clock.advance(0);
    expect(await find()).toMatchObject({ status: "failed" });
    expect(await world.queue.find({ runId: "lost" })).toBeNull();
    stop.abort();
    await reaping;
  });

  it("left a job behind if it ended at the moment in which it was queued", async () => {
    const { world, stop, reap } = await createFixture();
    await world.clock.advance(leaseMs);
    const error = { code: "WORKER_LOST", message: "It died.", hint: null };
    const enqueue: typeof world.queue.enqueue = async (job) => {
      await world.storage.endLostRun({ runId: "lost", error });
      return await world.queue.enqueue(job);
    };
    const reaping = reap({ queue: { ...world.queue, enqueue } });
    await world.clock.advance(0);
    expect(await world.storage.findRun("lost")).toMatchObject({ status: "failed" });
    expect(await world.queue.find({ runId: "lost" })).toBeNull();
    stop.abort();
    await reaping;
  });

  it("had a second job if a worker was about to continue it under the number of a superseded one", async () => {
    const { world, credentialId, stop, reap } = await createFixture();
    await world.clock.advance(leaseMs);
    await world.enqueue(credentialId, { runId: "first", from: "2026-01-01" });
    await world.queue.claim({ worker: "worker 1", claimMs: 10 * minuteMs });
    const reaping = reap();
    await world.clock.advance(minuteMs);
    expect(await world.queue.stats()).toMatchObject({ claimed: 1, waiting: { scheduled: 0, bulk: 0 } });
    stop.abort();
    await reaping;
  });

  it("is found when the database is back", async () => {
    const { world, stop, reap, find } = await createFixture();
    let isDown = true;
    const reaping = reap({
      storage: {
        ...world.storage,
        async listLostRuns(params) {
          if (isDown) throw new StorageError("cut", { retryable: true });
          return await world.storage.listLostRuns(params);
        },
      },
    });
    await world.clock.advance(minuteMs);
    isDown = false;
    await world.clock.advance(5000);
    expect(await find()).toMatchObject({ status: "lost" });
    expect(await world.queue.findWaiting({ runId: "lost" })).not.toBeNull();
    stop.abort();
    await reaping;
  });
});

describe("a job that nobody asked for", () => {
  it("waits without an attempt while its credential is paused, and manual jobs do not", async () => {
    const world = createWorkerWorld();
    const credentialId = await world.addCompany("acme");
    const until = world.clock.now() + 7 * minuteMs;
    await world.storage.pauseCredential({ credentialId, reason: "moving", actor: "ann", until });
    const runId = await world.enqueue(credentialId);
    const worker = world.work({ pollMs: minuteMs });
    await world.clock.advance(6 * minuteMs);
    expect(world.begun).toEqual([]);
    expect(await world.queue.findWaiting({ runId })).toMatchObject({ attempts: 0, slices: 0 });
    await world.enqueue(credentialId, { type: "manual", priority: "manual", data: "customers" });
    await world.clock.advance(0);
    expect(world.begun).toMatchObject([{ data: "customers" }]);
    await world.clock.advance(6 * minuteMs);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });
});
